"""How an award is told, in Chinese and in English. Pure.

The two texts are stored with the award, so that a statement reads the same in ten years; that is why they are
written here and not in a translation catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass


def duration_zh(minutes: int) -> str:
    """Return `2 小时 30 分`, `2 小时` or `30 分`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} 小时"] * bool(hours) + [f"{rest} 分"] * bool(rest or not hours))


def duration_en(minutes: int) -> str:
    """Return `2 h 30 min`, `2 h` or `30 min`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def points_en(points: int) -> str:
    """Return `1 point` or `25 points`."""
    return f"{points} point" if points == 1 else f"{points} points"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences about one piece of service."""

    activity: str
    minutes: int

    def award(
        self,
        *,
        full: int,
        counted: int,
        points: int,
        per_hour: int,
        step: int,
        cap: int,
        factor: tuple[str, str, float] | None,
    ) -> tuple[str, str]:
        """Say what was served, what of it counted, at which rate, and what it earned."""
        zh = [f"{self.activity} {duration_zh(self.minutes)}"]
        en = [f"{self.activity}: {duration_en(self.minutes)}"]
        if full == 0:
            zh.append(f"不足 {step} 分钟")
            en.append(f"less than {step} minutes")
        elif full != self.minutes:
            zh.append(f"按整 {step} 分钟计 {duration_zh(full)}")
            en.append(f"{duration_en(full)} in full {step} minutes")
        if counted < full:
            zh.append(f"当日累计以 {duration_zh(cap)}为限，本次计 {duration_zh(counted)}")
            en.append(f"at most {duration_en(cap)} count per day, {duration_en(counted)} of this")
        zh.append(f"每小时 {per_hour} 分")
        en.append(f"{points_en(per_hour)} an hour")
        if factor is not None:
            zh.append(f"{factor[0]} ×{factor[2]:g}")
            en.append(f"{factor[1]} ×{factor[2]:g}")
        return f"{'，'.join(zh)}，计 {points} 积分。", f"{', '.join(en)}: {points_en(points)}."

    def manual(self) -> tuple[str, str]:
        """Say why hours entered by hand earn nothing."""
        return (
            f"{self.activity} {duration_zh(self.minutes)}，手工补录的时长计入服务时间，不计积分。",
            f"{self.activity}: {duration_en(self.minutes)}, entered by hand: hours, but no points.",
        )

    def taken_back(self, points: int) -> tuple[str, str]:
        """Say that the record was reversed and its points with it."""
        return (
            f"服务记录已撤销：{self.activity} {duration_zh(self.minutes)}，收回 {points} 积分。",
            f"Record reversed: {self.activity}, {duration_en(self.minutes)}; {points_en(points)} taken back.",
        )

    def supplement(self, points: int) -> tuple[str, str]:
        """Say that the cap has room again because another record of the day was reversed."""
        served = f"{self.activity}: {duration_en(self.minutes)}"
        return (
            f"{self.activity} {duration_zh(self.minutes)}：当日另一条记录撤销后，补计 {points} 积分。",
            f"{served}; another record of that day was reversed, so {points_en(points)} more.",
        )

    @staticmethod
    def rate(minutes: int, per_hour: int) -> tuple[str, str]:
        """Say minutes times rate."""
        return f"{duration_zh(minutes)} × {per_hour}/小时", f"{duration_en(minutes)} × {per_hour} an hour"

    @staticmethod
    def cap(minutes: int) -> tuple[str, str]:
        """Say which daily cap cut the award."""
        return f"当日累计以 {duration_zh(minutes)}为限", f"at most {duration_en(minutes)} count per day"
