"""The narrative of a yearly report: seven sections, each optional until the report is submitted."""

from typing import Annotated, Final

from pydantic import Field

from app.domain.fields import LongText, ShortText, WireModel

# What the sections are called in sheets and tables.
SECTION_NAMES: Final = {
    "direction": "Công tác chỉ đạo, triển khai",
    "results": "Kết quả thực hiện",
    "difficulties": "Khó khăn, hạn chế, nguyên nhân",
    "lessons": "Bài học kinh nghiệm",
    "funding": "Kinh phí thực hiện",
    "proposals": "Kiến nghị, đề xuất",
    "next_year": "Nhiệm vụ năm tiếp theo",
}


class Proposal(WireModel):
    """One proposal (kiến nghị, đề xuất) and whom it is addressed to."""

    addressee: ShortText = Field(description="Whom it is addressed to (nơi nhận kiến nghị).")
    text: LongText = Field(description="What is proposed (nội dung kiến nghị).")


class Narrative(WireModel):
    """The report in words (phần lời). General prose: no data on private persons."""

    direction: LongText | None = Field(
        default=None, description="Direction and implementation (công tác chỉ đạo, triển khai)."
    )
    results: LongText | None = Field(default=None, description="Results (kết quả thực hiện).")
    difficulties: LongText | None = Field(
        default=None, description="Difficulties and causes (khó khăn, hạn chế, nguyên nhân)."
    )
    lessons: LongText | None = Field(
        default=None, description="Lessons learnt (bài học kinh nghiệm)."
    )
    funding: LongText | None = Field(default=None, description="Funding (kinh phí thực hiện).")
    proposals: Annotated[list[Proposal], Field(max_length=50)] = Field(
        default_factory=list, description="Proposals (kiến nghị, đề xuất)."
    )
    next_year: LongText | None = Field(
        default=None, description="Plans for the next year (nhiệm vụ năm tiếp theo)."
    )
