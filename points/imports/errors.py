"""Why a file is not taken."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class FileUnreadable(Invalid):
    """It is neither CSV text nor a spreadsheet, whatever its name says."""

    code = "file_unreadable"
    message = _("这个文件打不开：请上传 .xlsx 表格，或另存为 CSV 再上传。")


class FileTooLarge(Invalid):
    """A file is small, packed and unpacked."""

    code = "file_too_large"
    message = _("文件太大：最多 %(megabytes)s MB、%(rows)s 行，请分成几个文件上传。")


class FileEmpty(Invalid):
    """There is a heading at best."""

    code = "file_empty"
    message = _("表格里没有数据行。请按模板填写，第一行是表头。")


class ColumnsMissing(Invalid):
    """A column every row needs is not there, or is there twice."""

    code = "import_columns_missing"
    message = _("表头不对：缺少或重复了“%(columns)s”。请下载模板对照。")


class ImportTargetMissing(Invalid):
    """Goods go to a store, donors belong to a community."""

    code = "import_target_missing"
    message = _("请选择商品放到哪家慈善超市，或捐赠人属于哪个社区。")
    constraint = "import_target_of_kind"


class ImportAlreadyOpen(Refusal):
    """The very same file is being checked or waits for its decision."""

    code = "import_already_open"
    message = _("同一个文件已经上传，正在检查或等待确认，不必再传。")
    constraint = "import_open_once"


class ImportHasFaults(Refusal):
    """Nothing is taken in while a row is wrong."""

    code = "import_has_faults"
    message = _("表格里还有 %(faults)s 行有问题，改好后重新上传；没有任何一行被导入。")
    constraint = "import_without_faults"


class ImportMoveRefused(Refusal):
    """It is not where this could be done."""

    code = "import_move_refused"
    message = _("这次导入现在是“%(state)s”，不能这样处理，请刷新后查看。")
    constraint = ("import_state_moves", "import_is_a_fact", "import_kept")
