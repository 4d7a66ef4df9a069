# One image for web, worker, beat and the one-shot `prepare`. Nothing in it runs as root.

FROM python:3.11-slim AS locked
WORKDIR /build
COPY pyproject.toml requirements.lock ./
COPY deploy/runtime_lock.py deploy/
# The whole lock first, to learn which part of it production needs; then only that part, hashes checked.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /build/all \
 && /build/all/bin/pip install --disable-pip-version-check --require-hashes -r requirements.lock \
 && /build/all/bin/python deploy/runtime_lock.py pyproject.toml requirements.lock > runtime.lock \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --disable-pip-version-check --require-hashes -r runtime.lock

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    JISHAN_HOME=/var/lib/jishan \
    STATIC_ROOT=/app/static \
    STATIC_MANIFEST=1
RUN useradd --system --uid 10001 --home-dir /var/lib/jishan --create-home --shell /usr/sbin/nologin jishan
WORKDIR /app
COPY --from=locked /opt/venv /opt/venv
COPY manage.py ./
COPY backend backend
COPY points points
COPY venues venues
COPY volunteers volunteers
COPY workers workers
RUN python -m compileall -q . && python manage.py prepare --static-only
USER jishan
VOLUME /var/lib/jishan
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "backend.config.probe", "http://127.0.0.1:8000/health/ready"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "2", "--no-ws", "--respawn-failed-workers", "backend.config.wsgi:application"]
