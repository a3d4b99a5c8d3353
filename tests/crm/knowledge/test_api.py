"""The knowledge base over the API."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.knowledge.jobs import run_import
from crm.knowledge.models import Faq
from guanxi.jobs.models import Job
from guanxi.jobs.services import claim_job
from tests.crm.knowledge.sheets import xlsx

FAQS = "/api/v1/knowledge/faqs"


@pytest.fixture
def page(alpha: object, browser_of: Any) -> Client:
    """The agent's browser."""
    found: Client = browser_of("alpha", "agent")
    return found


def post(page: Client, path: str, body: dict[str, Any]) -> Any:
    return page.post(path, body, content_type="application/json")


def test_write_list_search_publish(page: Client) -> None:
    made = post(page, FAQS, {"question": "怎么开发票？", "answer": "在小程序里申请。", "similar": ["如何开票"]})
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    post(page, FAQS, {"question": "How do I pay?", "answer": "By card.", "publish": True})
    assert [row["question"] for row in page.get(FAQS, {"q": "开票"}).json()["items"]] == ["怎么开发票？"]
    assert [row["language"] for row in page.get(FAQS, {"language": "en"}).json()["items"]] == ["en"]
    moved = post(page, f"{FAQS}/states", {"ids": [number], "state": "published"})
    assert [row["state"] for row in moved.json()] == ["published"]
    counts = page.get("/api/v1/knowledge/counts").json()
    assert (counts["faqs_published"], counts["faqs_draft"]) == (2, 0)


def test_pages_go_on_without_gaps(page: Client) -> None:
    for number in range(7):
        post(page, FAQS, {"question": f"问题{number}", "answer": "答"})
    seen: list[str] = []
    cursor = None
    while True:
        answer = page.get(FAQS, {"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [row["question"] for row in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == [f"问题{number}" for number in reversed(range(7))]


def test_a_stale_version_is_refused(page: Client) -> None:
    number = post(page, FAQS, {"question": "怎么付款？", "answer": "微信。"}).json()["id"]
    read = page.get(f"{FAQS}/{number}")

    def patch(answer: str) -> Any:
        headers = {"if-match": read["ETag"]}
        return page.patch(f"{FAQS}/{number}", {"answer": answer}, content_type="application/json", headers=headers)

    assert patch("支付宝。").status_code == 200
    again = patch("现金。")
    assert (again.status_code, again.json()["code"]) == (412, "version_conflict")
    assert Faq.objects.get().answer == "支付宝。"


def test_import_is_looked_through_then_run(page: Client) -> None:
    post(page, FAQS, {"question": "老问题", "answer": "旧"})
    content = xlsx(["老问题", "乙", "新", "", ""], ["新问题", "", "答", "", ""], ["", "", "缺问题", "", ""])
    file = SimpleUploadedFile("faq.xlsx", content)
    preview = page.post("/api/v1/knowledge/import/preview", {"file": file})
    assert preview.status_code == 200, preview.content
    seen = preview.json()
    assert (seen["rows"], seen["new"], seen["existing"], seen["problem_rows"]) == (2, 1, 1, 1)
    assert seen["problems"] == [{"row": 4, "field": "question", "code": "missing"}]
    assert Faq.objects.count() == 1
    started = post(
        page, "/api/v1/knowledge/import", {"file_id": seen["file_id"], "duplicates": "update", "publish": True}
    )
    assert started.status_code == 202, started.content
    job = claim_job(started.json()["job_id"])
    assert job is not None
    run_import(job)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.result) == ("succeeded", {"created": 1, "updated": 1, "skipped": 0, "refused": 1})
    assert Faq.objects.get(question="老问题").answer == "新"


def test_articles(page: Client) -> None:
    made = post(page, "/api/v1/knowledge/articles", {"title": "手册", "body": "# 一\n\n正文", "publish": True})
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    (row,) = page.get("/api/v1/knowledge/articles").json()["items"]
    assert "body" not in row
    back = post(page, f"/api/v1/knowledge/articles/{number}/state", {"state": "archived"})
    assert back.json()["state"] == "archived"
    assert page.get("/api/v1/knowledge/articles").json()["items"] == []


def test_gaps_become_answers(page: Client) -> None:
    from crm.knowledge.services import record_unanswered

    gap = record_unanswered(question="有没有月饼", conversation_id=3)
    assert gap is not None
    (row,) = page.get("/api/v1/knowledge/gaps").json()["items"]
    assert (row["question"], row["asked_count"]) == ("有没有月饼", 1)
    made = post(page, f"/api/v1/knowledge/gaps/{gap.pk}/faq", {"answer": "不卖。", "publish": True})
    assert (made.status_code, made.json()["question"]) == (201, "有没有月饼")
    assert page.get("/api/v1/knowledge/gaps").json()["items"] == []


def test_another_tenants_knowledge_is_not_there(page: Client, browser_of: Any) -> None:
    number = post(page, FAQS, {"question": "怎么付款？", "answer": "微信。"}).json()["id"]
    other = browser_of("beta", "owner")
    assert other.get(FAQS).json()["items"] == []
    assert other.get(f"{FAQS}/{number}").status_code == 404
