"""A tenant with a million customers of thirty fields, in a database that is kept for the next measurement."""

from itertools import product

from django.core.management import call_command
from django.db import connection

from crm.records.search import search_keys
from guanxi.tenancy import public_scope, tenant_scope
from tests import databases
from tests.world import tenant

ROWS = 1_000_000
CITIES = (
    "杭州 上海 苏州 宁波 南京 武汉 成都 重庆 广州 深圳 佛山 东莞 长沙 郑州 西安 济南 青岛 合肥 福州 厦门 泉州 温州 嘉兴"
    " 绍兴 金华 无锡 常州 南通 扬州 徐州 北京 天津 石家庄 太原 沈阳 大连 长春 哈尔滨 昆明 贵阳 南宁 海口 兰州 银川 西宁"
    " 南昌 赣州 洛阳 襄阳 宜昌 株洲 珠海 中山 惠州 汕头 湖州 台州 舟山 镇江 盐城"
)
FIRST = "盛鑫瑞恒嘉华天锦云星启远博达宏泰"
SECOND = "世源丰信禾河成程汇海迪航文通业和龙湖峰阳宇诚安宁康"
TRADES = (
    "茶业有限公司 科技有限公司 商贸有限公司 酒店管理有限公司 餐饮管理有限公司 食品有限公司 礼品有限公司 物流有限公司"
    " 建材有限公司 装饰工程有限公司 机械设备有限公司 电子有限公司 网络技术有限公司 服饰有限公司 医疗器械有限公司"
    " 生物科技有限公司 教育咨询有限公司 文化传媒有限公司 广告有限公司 汽车服务有限公司 家具有限公司 包装材料有限公司"
    " 印刷有限公司 环保科技有限公司 新能源有限公司 化工有限公司 纺织有限公司 五金制品有限公司 电器有限公司"
    " 农业发展有限公司 进出口有限公司 供应链管理有限公司 企业管理咨询有限公司"
    " 人力资源有限公司 房地产经纪有限公司 旅行社有限公司"
    " 美容养生馆 便利店 超市 大药房 书店 幼儿园 健身中心"
)
INDUSTRIES = "茶叶 软件 零售 酒店 餐饮 食品 礼品 物流 建材 装饰 机械 电子 服饰 医疗 教育 传媒 汽车 家具 化工 农业"
TAGS = [f"标签{number}" for number in range(40)]
# The keys of a name are those of its two overlapping halves, since no key is longer than two signs or syllables.
FILL = """
INSERT INTO customers_customer (created_at, updated_at, owner_id, owner_department_path, source, tags, custom, version,
  created_by_id, updated_by_id, last_activity_at, next_action_at, name, kind, level, industry, province, city, address,
  website, phone, email, description, search_keys)
SELECT made, made + (now() - made) * random(), owners[o], paths[o],
  (ARRAY['web','wechat','import','referral','visit'])[1 + n %% 5],
  jsonb_build_array(tags[1 + (n * 7) %% 40], tags[1 + (n * 11 + 3) %% 40]),
  jsonb_build_object('contract_no', 'HT' || n, 'area', n %% 5000, 'employees', n %% 900, 'rank', 'R' || n %% 12,
    'channel', 'C' || n %% 30, 'founded', 1980 + n %% 45, 'renews', n %% 2 = 0, 'discount', (n %% 40) / 100.0,
    'invoice', '增值税专用发票', 'bank', '中国工商银行', 'note', md5(n::text), 'score', n %% 100),
  1 + n %% 9, owners[o], owners[o], CASE WHEN n %% 3 > 0 THEN now() - random() * interval '200 days' END,
  CASE WHEN n %% 10 = 0 THEN now() + (random() - 0.3) * interval '60 days' END,
  a.city || a.brand || b.trade, CASE WHEN n %% 9 = 0 THEN 'person' ELSE 'company' END,
  (ARRAY['A','B','C',''])[1 + (n * 13) %% 4], industries[1 + (n * 17) %% 20], a.city || '省', a.city,
  a.city || '市中山路' || n %% 999 || '号', 'https://www.' || md5(n::text) || '.example', '1' || phone,
  'c' || n || '@example.com', repeat('客户情况说明。', 1 + n %% 12),
  a.keys || b.keys || ARRAY(SELECT 'p:' || substr('1' || phone, i) FROM generate_series(1, 8) i)
FROM (SELECT n, now() - (random() ^ 2) * interval '1095 days' AS made,
        lpad(((n::bigint * 7919) %% 10000000000)::text, 10, '3') AS phone,
        CASE WHEN n %% 20 = 0 THEN 1 ELSE 2 + n %% 3 END AS o
      FROM generate_series(1, {rows}) n) x
JOIN brands a ON a.id = (n * 31) %% (SELECT count(*) FROM brands)
JOIN trades b ON b.brand = a.brand AND b.place = (n / 7) %% {trades},
(SELECT %s::bigint[] AS owners, %s::text[] AS paths, %s::text[] AS tags, %s::text[] AS industries) y
"""


def _fill() -> None:
    from tenants.members.models import Member

    brands = ["".join(pair) for pair in product(FIRST, SECOND)]
    people = {member.name: member for member in Member.objects.select_related("department")}
    chosen = [people[name] for name in ("Rep Two", "Owner", "Admin", "Agent")]
    paths = [member.department.path if member.department else "/" for member in chosen]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE brands (id int PRIMARY KEY, city text, brand text, keys text[])")
        cursor.execute("CREATE TEMP TABLE trades (brand text, place int, trade text, keys text[])")
        rows = [(n, c, b, search_keys(c + b)) for n, (c, b) in enumerate(product(CITIES.split(), brands))]
        cursor.executemany("INSERT INTO brands VALUES (%s, %s, %s, %s)", rows)
        trades = [(b, n, t, search_keys(b + t)) for b in brands for n, t in enumerate(TRADES.split())]
        cursor.executemany("INSERT INTO trades VALUES (%s, %s, %s, %s)", trades)
        cursor.execute("ANALYZE brands")
        cursor.execute("ANALYZE trades")
        cursor.execute(
            "SELECT indexdef, indexname FROM pg_indexes WHERE tablename = 'customers_customer' "
            "AND schemaname = current_schema() AND indexname LIKE 'customer\\_%'"
        )
        indexes = cursor.fetchall()
        # Built afterwards they cost a tenth of what they cost row by row.
        for _, name in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(
            FILL.format(rows=ROWS, trades=len(TRADES.split())),
            [[one.pk for one in chosen], paths, TAGS, INDUSTRIES.split()],
        )
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for definition, _ in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE customers_customer")


def _brought_up_to_date(older: str, name: str) -> str:
    databases.use(older)
    with public_scope():
        call_command("migrate_all", verbosity=0)
    connection.close()
    databases.rename(older, name)
    return name


def ensure_million(template: str) -> str:
    """Return the name of the database, filled when there is none yet, migrated when it is older."""
    name = template.replace("gx_template", "gx_million")
    if databases.exists(name):
        return name
    if older := databases.named_like("gx_million\\_%"):
        return _brought_up_to_date(older[0], name)
    databases.clone(template, f"{name}_making")
    databases.use(f"{name}_making")
    with tenant_scope(tenant("alpha")):
        _fill()
    connection.close()
    databases.rename(f"{name}_making", name)
    return name
