"""What the demo community consists of: invented organizations, people and donors in real divisions."""

from dataclasses import dataclass

TOWNSHIP = "520102016000"  # 南明区新华路街道
COMMUNITIES = ("520102016001", "520102016003", "520102016004", "520102016006")


@dataclass(frozen=True)
class DemoOrganization:
    """An organization; the credit code is computed from the serial."""

    name: str
    kind: str
    authority: str
    serial: str
    contact: str


@dataclass(frozen=True)
class DemoSite:
    """A site; latitude and longitude are WGS-84."""

    name: str
    host_type: str
    organization: int
    community: int
    address: str
    latitude: float
    longitude: float
    hours: str | None = None


@dataclass(frozen=True)
class DemoActivity:
    """An activity at a site, with the start hours of its shifts and the length in minutes."""

    name: str
    site: int
    category: str
    recipient: str
    activity_type: str
    content: str
    risks: str
    start_hour: int
    minutes: int
    minors: bool
    responsible: str
    difficulty: int = 1
    skilled: bool = False


@dataclass(frozen=True)
class DemoProduct:
    """A product on the shelf; `days` is how long the first batch keeps."""

    name: str
    unit: str
    category: str
    points: int
    stock: int
    days: int | None
    limit: int | None = None
    household_limit: int | None = None


@dataclass(frozen=True)
class DemoDonor:
    """A donor with their choice of how to be named; goods are (product index, quantity)."""

    name: str
    kind: str
    consent: str
    money_fen: int = 0
    goods: tuple[tuple[int, int], ...] = ()
    show_amount: bool = True


ORGANIZATIONS = (
    DemoOrganization("新华路街道邻里志愿服务队", "volunteer_organization", "51", "MJ7A3K20", "陈国梁"),
    DemoOrganization("南明河畔社会工作服务中心", "social_work_agency", "52", "MJ8B4L31", "罗小燕"),
    DemoOrganization("甲秀楼社区居民委员会", "public_body", "54", "MJ9C5N42", "杨永康"),
)
SITES = (
    DemoSite("社区医院门诊大厅", "hospital", 0, 0, "新华路演示 8 号", 26.5716, 106.7166),
    DemoSite("街道图书馆", "library", 1, 1, "新华路演示 26 号", 26.5742, 106.7191),
    DemoSite("夕阳红养老服务中心", "elder_care", 1, 2, "箭道街演示 3 号", 26.5698, 106.7138),
    DemoSite("南明河滨河绿道驿站", "park", 2, 3, "滨河路演示 1 号", 26.5681, 106.7204),
)
ACTIVITIES = (
    DemoActivity(
        "门诊导诊",
        0,
        "health",
        "patients",
        "volunteering",
        "引导就诊、自助机帮办、轮椅借还",
        "久站；候诊高峰人多，请戴口罩",
        9,
        180,
        False,
        "周敏",
    ),
    DemoActivity(
        "陪诊助老",
        0,
        "special_care",
        "elders",
        "elder_care",
        "陪同独居老人挂号、取药、回家",
        "上下楼注意搀扶；不代管钱物",
        14,
        150,
        False,
        "周敏",
        difficulty=2,
    ),
    DemoActivity(
        "图书整理",
        1,
        "culture",
        "public",
        "volunteering",
        "上架、修补、分类贴标",
        "登梯取书注意安全",
        9,
        150,
        True,
        "罗小燕",
    ),
    DemoActivity(
        "四点半课堂",
        1,
        "education",
        "children",
        "child_care",
        "陪小学生写作业、讲绘本",
        "两名成年志愿者同时在场",
        16,
        120,
        True,
        "罗小燕",
    ),
    DemoActivity(
        "陪伴聊天与读报",
        2,
        "special_care",
        "elders",
        "elder_care",
        "聊天、读报、下棋",
        "感冒发热请勿入内",
        10,
        120,
        True,
        "赵文静",
    ),
    DemoActivity(
        "义务理发",
        2,
        "community",
        "elders",
        "elder_care",
        "为行动不便的老人理发",
        "剪刀由持证志愿者使用",
        14,
        120,
        False,
        "赵文静",
        skilled=True,
    ),
    DemoActivity(
        "河岸清洁",
        3,
        "environment",
        "public",
        "environment",
        "捡拾垃圾、劝导文明垂钓",
        "靠近水边须穿救生衣；雨天取消",
        8,
        120,
        True,
        "杨永康",
    ),
    DemoActivity(
        "文明交通劝导",
        3,
        "traffic",
        "public",
        "other",
        "路口劝导、帮扶过街",
        "站在安全岛内；穿反光背心",
        17,
        90,
        False,
        "杨永康",
    ),
)
PRODUCTS = (
    DemoProduct("大米 1 千克", "袋", "grain_oil", 10, 60, 200),
    DemoProduct("大米 5 千克", "袋", "grain_oil", 44, 40, 240, None, 3),
    DemoProduct("菜籽油 1.8 升", "桶", "grain_oil", 60, 24, 300, 1),
    DemoProduct("挂面 800 克", "把", "grain_oil", 12, 50, 160),
    DemoProduct("鸡蛋 10 枚", "盒", "food", 18, 20, 21, 2),
    DemoProduct("纯牛奶 12 盒", "箱", "food", 55, 16, 60, 1),
    DemoProduct("食盐 400 克", "袋", "grain_oil", 4, 80, None),
    DemoProduct("香皂", "块", "wash", 10, 70, 700),
    DemoProduct("牙膏", "支", "wash", 10, 60, 600),
    DemoProduct("洗衣液 2 千克", "瓶", "wash", 30, 30, 500, 2),
    DemoProduct("抽纸 6 包", "提", "household", 20, 36, None),
    DemoProduct("毛巾", "条", "household", 12, 40, None),
    DemoProduct("雨伞", "把", "household", 28, 12, None, 1),
    DemoProduct("笔记本 5 本", "套", "stationery", 10, 45, None),
    DemoProduct("书包", "个", "stationery", 66, 6, None, 1),
)
SERVICES = (("理发", "次", 20, 6), ("修伞配钥匙", "次", 8, 4))  # points, places in a slot
DONORS = (
    DemoDonor("黔味粮油经营部", "sole_trader", "named", goods=((0, 40), (1, 50))),
    DemoDonor("山城家园商贸有限公司", "enterprise", "named", goods=((2, 20), (9, 24))),
    DemoDonor("黔灵乳品配送站", "enterprise", "named", goods=((5, 12),)),
    DemoDonor("惠邻便利店", "sole_trader", "masked", goods=((6, 40), (7, 30))),
    DemoDonor("周素琴", "individual", "masked", money_fen=200_000),
    DemoDonor("陈广福", "individual", "named", money_fen=500_000),
    DemoDonor("贵山文具店", "sole_trader", "named", goods=((13, 30), (14, 6))),
    DemoDonor("一位老邻居", "individual", "anonymous", money_fen=1_000_000),
    DemoDonor("向阳助学慈善会", "charity", "named", money_fen=800_000),
    DemoDonor("刘建国", "individual", "hidden", money_fen=100_000, show_amount=False),
    DemoDonor("新华路菜市场商户互助会", "community_group", "named", goods=((4, 30), (3, 40))),
    DemoDonor("晨光纺织品店", "sole_trader", "masked", goods=((11, 36), (10, 20)), show_amount=False),
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = (
    "国强",
    "秀英",
    "建华",
    "玉兰",
    "志明",
    "晓燕",
    "文博",
    "桂芳",
    "子涵",
    "雨桐",
    "浩然",
    "春梅",
    "德福",
    "丽娟",
    "俊杰",
)
SKILLS = ("急救", "手语", "理发", "摄影", "英语", "电脑维修", "心理疏导", "书法")
PASSWORD = "jishan-demo"  # noqa: S105 – printed at start; demo mode only, which production refuses
PHONE_PREFIX = "1390000"  # the last four digits count up; nobody's number, used in the demo only
