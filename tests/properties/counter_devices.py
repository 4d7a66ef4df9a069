"""Tablets that hand over without network: what they take, what they do with it, and what they tell later."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st

from backend.accounts.scopes import Actor
from points.market import offline
from points.market.choices import OfflineResult
from points.market.redemption_models import Redemption
from tests.properties import counter_book as book
from tests.properties.counter_hub import CounterHub, fates, picks, step
from tests.properties.market_book import STEP, keys, number


@dataclass
class HandedOver:
    """What a device keeps until it can tell. `rightly` it held the goods, and the code was theirs."""

    serial: str
    signature: str
    row: offline.HandOver
    rightly: bool
    answer: tuple | None = None


@dataclass
class Device:
    """A tablet with a clock of its own."""

    clerk: Actor
    store_id: int
    wrong_by: timedelta
    taken: offline.SignedList | None = None
    notes: list[HandedOver] = field(default_factory=list)


class Devices(CounterHub):
    """Three tablets, two of the store and one of the store beside it."""

    def open_the_counter(self):
        super().open_the_counter()
        hub, self.nonces = self.hub, 0
        self.devices = [
            Device(hub.clerk, hub.store.pk, timedelta(0)),
            Device(hub.second, hub.store.pk, timedelta(minutes=50)),
            Device(hub.there, hub.other.pk, timedelta(hours=-3)),
        ]

    @step(which=st.integers(0, 2), renew=st.booleans(), fate=fates)
    def take_a_list(self, which, renew, fate):
        self.give_list(self.devices[which], fate, renew=renew)

    def give_list(self, device, fate, *, renew):
        old = device.taken if renew else None
        expected = keys(book.TO_LIST, self.next, device.store_id, old.serial if old else "")
        named = {"instead_of": old.serial, "signature": old.signature} if old else {}
        use_case = partial(offline.take, store_id=device.store_id, actor=device.clerk, **named)
        device.taken = self.do(use_case, fate, once=False)
        rows = json.loads(device.taken.text)["rows"]
        assert sorted(row["redemption"] for row in rows) == sorted(expected)

    @step(
        often=3,
        which=st.sampled_from([0, 0, 1, 2]),
        several=st.lists(picks, min_size=1, max_size=3),
        how=st.sampled_from(["", "", "", "not listed", "wrong code"]),
        tell=st.booleans(),
        fate=fates,
    )
    def hand_over_without_network(self, which, several, how, tell, fate):
        device = self.devices[which]
        if device.taken is None:
            self.give_list(device, fate, renew=False)
        rows = [row["redemption"] for row in json.loads(device.taken.text)["rows"]]
        for pick in several:
            pk = rows[pick % len(rows)] if rows and how != "not listed" else self.one_of(book.WAITING, pick)
            if pk is not None:
                device.notes.append(self.note(device, pk, wrong=how == "wrong code"))
        if tell:
            self.tell_all(device, fate)

    def note(self, device, pk, *, wrong):
        self.now += STEP
        self.nonces += 1
        code = "2222222222" if wrong else Redemption.objects.get(pk=pk).code
        row = offline.HandOver(pk, code, self.now + device.wrong_by, f"nonce-{self.nonces}")
        taken = device.taken
        rightly = not wrong and bool(number(book.IN_HAND, self.now, pk, taken.serial))
        return HandedOver(taken.serial, taken.signature, row, rightly)

    @step(which=st.integers(0, 2), fate=fates)
    def tell(self, which, fate):
        self.tell_all(self.devices[which], fate)

    def tell_all(self, device, fate):
        """Tell everything the device ever handed over: what was told before is answered as before."""
        for serial in dict.fromkeys(note.serial for note in device.notes):
            notes = [note for note in device.notes if note.serial == serial]
            counts = [
                note.rightly
                and note.answer is None
                and number(book.STILL_HELD, self.next, note.row.redemption_id, serial)
                for note in notes
            ]
            use_case = partial(
                offline.sync,
                serial=serial,
                signature=notes[0].signature,
                rows=[note.row for note in notes],
                actor=device.clerk,
                sent_at=self.next + device.wrong_by,
            )
            told = self.do(use_case, fate, in_one=False)
            answers = [(each.result, each.problem and each.problem.code) for each in told]
            assert [note.answer or answer for note, answer in zip(notes, answers, strict=True)] == answers
            first = dict.fromkeys(
                note.row.redemption_id for note, counted in zip(notes, counts, strict=True) if counted
            )
            for note, answer in zip(notes, answers, strict=True):
                pk = note.row.redemption_id
                if note.rightly and pk in first and note.answer is None:
                    once = OfflineResult.COLLECTED if first.pop(pk, 0) is None else OfflineResult.ALREADY
                    assert answer == (once, None)
                note.answer = answer

    @step(which=st.integers(0, 2), pick=st.one_of(st.none(), picks), fate=fates)
    def give_back(self, which, pick, fate):
        device = self.devices[which]
        if device.taken is None:
            return
        rows = [row["redemption"] for row in json.loads(device.taken.text)["rows"]]
        use_case = partial(
            offline.give_back,
            serial=device.taken.serial,
            signature=device.taken.signature,
            redemption_ids=None if pick is None or not rows else [rows[pick % len(rows)]],
            actor=device.clerk,
        )
        self.do(use_case, fate)

    @step(which=st.integers(0, 2), fate=fates)
    def lose_a_device(self, which, fate):
        taken = self.devices[which].taken
        if taken is not None:
            self.do(partial(offline.declare_lost, serial=taken.serial, actor=self.hub.manager), fate)
