"""The one settings module. Everything that differs between machines comes from the environment.

`JISHAN_ENV` is `dev` (default), `demo` or `production`. Development and demo need nothing set; production
refuses to start with a default secret, with demo mode, or without its encryption keys (`secrets.py`).
"""

from datetime import timedelta
from pathlib import Path

import django_stubs_ext
import environ
import structlog
from django.utils.translation import gettext_lazy as _

from backend.config.secrets import load_secrets

django_stubs_ext.monkeypatch()  # lets Django's generic classes be written with their types

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

ENVIRONMENT = env.str("JISHAN_ENV", default="dev")
PRODUCTION = ENVIRONMENT == "production"
DEMO = env.bool("JISHAN_DEMO", default=not PRODUCTION)
DEMO_VOLUNTEERS = env.int("DEMO_VOLUNTEERS", default=60)
DEMO_DAYS = env.int("DEMO_DAYS", default=60)
DEBUG = False
HOME = Path(env.str("JISHAN_HOME", default=str(BASE_DIR / "var")))
PORT = env.int("PORT", default=8000)
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

_secrets = load_secrets(env, production=PRODUCTION, demo=DEMO)
SECRET_KEY = _secrets.secret_key
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_KEYS = _secrets.field_keys  # {"k1": bytes}, the first one seals, all open
INDEX_KEY = _secrets.index_key
QR_SECRET = _secrets.qr_secret

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_BASE_URL])

INSTALLED_APPS = [
    "backend.config",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "django_linear_migrations",
    "pgtrigger",
    "axes",
    "backend.core",
    "backend.regions",
    "backend.accounts",
    "venues",
    "volunteers",
    "points",
    "backend.pages",
    *env.list("JISHAN_EXTRA_APPS", default=[]),
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.config.headers.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "backend.config.urls"
WSGI_APPLICATION = "backend.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- stores -------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="postgres://postgres@/jishan")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].setdefault("OPTIONS", {})
# Every trigger of django-pgtrigger asks for this setting; where it is unset, the asking costs an exception.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c pgtrigger.ignore={}")
# Planning a query takes PostgreSQL longer than running it, so what a connection has asked five times is kept
# ready there. Parameters then go to the server beside the statement instead of inside it. Off for a pooler
# that cannot carry prepared statements (docs/operations.md).
DATABASES["default"]["OPTIONS"]["server_side_binding"] = env.bool("DATABASE_PREPARE", default=True)
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = (
    5 if DATABASES["default"]["OPTIONS"]["server_side_binding"] else None
)
if env.bool("DATABASE_POOL", default=False):
    # Web processes only (`manage.py up` sets it): psycopg's own pool, checked out per request.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": env.int("DATABASE_POOL_SIZE", default=16),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="jishan"),
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

# --- Celery -------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # longer than the longest task (CELERY_TASK_TIME_LIMIT)
    "global_keyprefix": env.str("CELERY_PREFIX", default=""),
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
OUTBOX_BATCH = env.int("OUTBOX_BATCH", default=500)
OUTBOX_MAX_ATTEMPTS = env.int("OUTBOX_MAX_ATTEMPTS", default=10)

# --- who may come in ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "backend.accounts.backends.MembershipBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"

AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0) or None
AXES_SENSITIVE_PARAMETERS = ["username", "password"]

OTP_LIFETIME = timedelta(minutes=5)
OTP_TRIES = 5
OTP_PER_PHONE = env.str("OTP_PER_PHONE", default="1/minute;10/day")
OTP_PER_ADDRESS = env.str("OTP_PER_ADDRESS", default="30/hour")
OTP_VERIFY_PER_ADDRESS = env.str("OTP_VERIFY_PER_ADDRESS", default="60/hour")
# What one address may send in without being known: objections to records by the public.
OBJECTIONS_PER_ADDRESS = env.str("OBJECTIONS_PER_ADDRESS", default="20/hour")
QUESTIONS_PER_ADDRESS = env.str("QUESTIONS_PER_ADDRESS", default="20/hour")  # donors about their gifts
QUESTIONS_PER_DONATION = env.str("QUESTIONS_PER_DONATION", default="10/day")
# Giving: what is never accepted or advertised (慈善法 Art 40), how many days of shelf life are few, and
# whether somebody else inspects than who received.
GIVING_TOBACCO_WORDS = env.list(
    "GIVING_TOBACCO_WORDS",
    default=["香烟", "卷烟", "烟草", "雪茄", "电子烟", "烟丝", "烟弹", "烟酒", "tobacco", "cigar", "vape"],
)
GIVING_SHELF_DAYS = env.int("GIVING_SHELF_DAYS", default=30)
GIVING_OTHER_INSPECTOR = env.bool("GIVING_OTHER_INSPECTOR", default=False)
SMS_BACKEND = env.str("SMS_BACKEND", default="backend.accounts.sms.ConsoleSms")
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=30)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": False,
    "SIGNING_KEY": SECRET_KEY,
}

# --- API ----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "backend.core.pagination.CursorPage",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "backend.core.openapi.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": PROXY_COUNT,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "backend.core.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "backend.core.problems.ProblemFormatter",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jishan 积善",
    "DESCRIPTION": "Volunteer service, points, charity supermarkets and honour boards.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {  # two enums may share a field name; the schema names them by class
        "ConsentKindEnum": "volunteers.people.choices.ConsentKind",
        "ServiceCategoryEnum": "volunteers.people.choices.ServiceCategory",
        "EventStateEnum": "backend.core.outbox.states.EventState",
        "ArrivalStageEnum": "points.arrivals.states.Stage",
        "VolunteerStatusEnum": "volunteers.people.choices.VolunteerStatus",
        "ShiftStatusEnum": "volunteers.activities.choices.ShiftStatus",
        "SignUpStatusEnum": "volunteers.activities.choices.SignUpStatus",
        "AttendanceStatusEnum": "volunteers.attendance.choices.AttendanceStatus",
        "RecordKindEnum": "volunteers.records.choices.RecordKind",
        "CorrectionStateEnum": "volunteers.records.choices.CorrectionState",
        "ObjectionStateEnum": "volunteers.records.choices.ObjectionState",
        "ResultEnum": "volunteers.attendance.choices.ScanResult",
        "SignalKindEnum": "volunteers.integrity.choices.SignalKind",
        "SignalStateEnum": "volunteers.integrity.choices.SignalState",
        "AuditResultEnum": "volunteers.integrity.choices.AuditResult",
        "AuditDecisionEnum": "volunteers.integrity.choices.AUDIT_DECISIONS",
        "SiteStatusEnum": "venues.sites.models.SiteStatus",
        "RuleSetStatusEnum": "points.scoring.models.RuleSetStatus",
        "OtherAwardKindEnum": "points.scoring.other_models.OtherAwardKind",
        "OtherAwardStateEnum": "points.scoring.other_models.OtherAwardState",
        "RevisionKindEnum": "points.revision.states.RunKind",
        "RevisionStateEnum": "points.revision.states.RunState",
        "TransferKindEnum": "points.ledger.models.TransferKind",
        "ProductCategoryEnum": "points.market.choices.ProductCategory",
        "RedemptionStatusEnum": "points.market.choices.RedemptionStatus",
        "DonorKindEnum": "points.giving.choices.DonorKind",
        "DonationKindEnum": "points.giving.choices.DonationKind",
        "IntakeStatusEnum": "points.giving.choices.IntakeStatus",
        "AppealStatusEnum": "points.appeals.choices.AppealStatus",
        "ProductKindEnum": "points.market.choices.ProductKind",
        "CountStatusEnum": "points.stockroom.states.CountStatus",
        "PolicyScopeEnum": "volunteers.attendance.policy_models.PolicyScope",
        "CountScopeEnum": "points.stockroom.states.CountScope",
        "StockTransferStatusEnum": "points.stockroom.states.TransferStatus",
        "ReliefCategoryEnum": "points.relief.choices.ReliefCategory",
        "CaseStatusEnum": "points.relief.choices.CaseStatus",
        "BallotStatusEnum": "points.ballots.choices.BallotStatus",
        "ImportKindEnum": "points.imports.states.ImportKind",
        "ImportStateEnum": "points.imports.states.ImportState",
    },
}

# --- people -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英语"))]
LOCALE_PATHS = [BASE_DIR / "backend" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(HOME / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("STATIC_MANIFEST", default=PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not env.bool("STATIC_MANIFEST", default=PRODUCTION)

UNFOLD = {
    "SITE_TITLE": "积善",
    "SITE_HEADER": "积善 · 社区工作台",
    "SITE_SYMBOL": "volunteer_activism",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "points.verification.admin.alarm",  # the badge beside the title, on every page
}

# --- safety -------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
SILENCED_SYSTEM_CHECKS = env.list("SILENCED_SYSTEM_CHECKS", default=[])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- logs: JSON lines, request id on each, nothing personal (core/logs.py) ------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        }
    },
    "filters": {"personal": {"()": "backend.core.logs.PersonalDataFilter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["personal"]}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # an address is personal data
