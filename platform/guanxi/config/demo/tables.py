"""The demo's tables: an import of a fair's business cards with some errors in it, and an export of key customers."""

import csv
import io

from crm.imports.models import Export, Import
from crm.imports.services import start_check, start_export, start_run, upload_table
from crm.imports.types import OnMatch, Options
from guanxi.access import Actor
from guanxi.config.demo.company import Company
from guanxi.config.demo.quiet import quiet
from guanxi.jobs.tasks import run_job

HEADER = ["公司名称", "联系电话", "所在城市", "行业", "业务员", "联系人", "联系人手机", "客户级别"]
CARDS = [
    ["绍兴越香茶叶商行", "0575-88123456", "绍兴", "茶叶零售", "", "章国平", "13857500121", "B"],
    ["义乌佳礼贸易有限公司", "0579-85550132", "义乌", "礼品", "", "楼晓燕", "13957900132", "A"],
    ["嘉兴南湖酒店管理有限公司", "0573-82110143", "嘉兴", "酒店", "", "沈志强", "13757300143", "B"],
    ["湖州竹海文旅有限公司", "0572-20660154", "湖州", "文旅", "", "钮敏", "13857200154", "C"],
    ["宁波港湾食品有限公司", "1.38E+10", "宁波", "食品", "", "戴海波", "13957400165", "B"],
    ["温州华侨商会", "0577-88990176", "温州", "商会", "不在职的人", "林阿顺", "13857700176", "A"],
    ["", "0571-86660187", "杭州", "餐饮", "", "", "", ""],
    ["金华火腿礼品店", "0579-82340198", "金华", "食品", "", "方建军", "号码不全", "B"],
    ["台州海鲜集市", "0576-88450209", "台州", "食品", "", "陈素琴", "13857600209", "特级"],
    ["丽水山泉茶馆", "0578-21120210", "丽水", "餐饮", "", "叶丽君", "13957800210", "C"],
]


def fill_tables(company: Company) -> None:
    """Take a table in and one out, as the owner would."""
    owner = company.people["owner"]
    with quiet():
        _take_in(owner)
        _take_out(owner)


def _take_in(owner: Actor) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(CARDS)
    stream = io.BytesIO(text.getvalue().encode("gb18030"))
    run = upload_table(actor=owner, kind="customer", name="茶博会名片.csv", stream=stream)
    options = Options(match_keys=("phone",), on_match=OnMatch.FILL, tags=("茶博会",), source="展会")
    run = start_check(actor=owner, import_id=run.pk, mapping=run.mapping, options=options)
    run_job(run.check_job_id)
    run = start_run(actor=owner, import_id=run.pk)
    run_job(run.run_job_id)
    if Import.objects.get(pk=run.pk).state != Import.State.DONE:
        raise RuntimeError("the demo's import did not end well")


def _take_out(owner: Actor) -> None:
    columns = ["name", "level", "city", "industry", "phone", "owner_id", "last_activity_at"]
    export = start_export(actor=owner, kind="customer", columns=columns, format_="xlsx", filters={"level": "A"})
    run_job(export.job_id)
    if Export.objects.get(pk=export.pk).state != Export.State.DONE:
        raise RuntimeError("the demo's export did not end well")
