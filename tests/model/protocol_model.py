"""An explicit-state model of the slot protocol, explored exhaustively: two lanes, two slots, sequences that wrap early.

Memory is as weak as a bus can be: each half word that is stored becomes visible at a moment of its own, in any order;
only stores to the same half keep theirs. A fence waits until its lane's stores are visible. Every step must stand in
`hostcall.protocol.TABLE`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from hostcall.protocol import steps

SEQUENCES = 3  # 1, 2, 3, 1, ...: long calls and short calls meet stale words of an earlier lap
Half = tuple[int, int]  # data, tag
Location = tuple[str, int, int, int]  # region, slot, word, half


class Violation(AssertionError):
    """The model reached a state that the protocol promises never to reach."""


@dataclass(frozen=True)
class Rules:
    """What the model leaves out, one at a time, to show that it would be missed."""

    two_tags: bool = True  # both halves of a word carry the tag
    zeroed: bool = True  # regions start zeroed
    refresh: bool = True  # a slot's words are rewritten when its sequence wraps
    refresh_fence: bool = True  # ... and have landed before the new packet
    limbo: bool = True  # a slot whose lane gave up is not reused before the late reply
    deadline: bool = False  # lanes may give up
    keep: bool = False  # lanes may keep their slot, and inherit those of others
    grace: bool = True  # ... but not while the owner may be about to use it


@dataclass(frozen=True)
class Lane:
    state: str = "FREE"
    calls: int = 0  # calls made
    slot: int = -1
    seq: int = 0
    fencing: bool = False


@dataclass(frozen=True)
class State:
    memory: tuple[tuple[Location, Half], ...]
    pending: tuple[tuple[Location, tuple[Half, ...]], ...]  # stores on their way, oldest first, by half
    lanes: tuple[Lane, ...]
    busy: tuple[bool, ...]
    seqs: tuple[int, ...]  # device memory: sequence of the last use
    served: tuple[int, ...]  # host memory
    executed: tuple[int, ...]  # calls that the server ran, in order
    limbo: tuple[tuple[int, int], ...] = ()  # slot, seq
    owners: tuple[int, ...] = ()  # device memory: the lane that keeps a slot, or -1


def call_id(lane: int, number: int) -> int:
    return 100 * (lane + 1) + number


def is_long(identity: int) -> bool:
    """First and fourth call of a lane have a second request word."""
    return identity % 100 in (0, 3)


def next_seq(seq: int) -> int:
    return seq % SEQUENCES + 1


class Model:
    """Successor function and invariants."""

    def __init__(self, rules: Rules, lanes: int = 2, slots: int = 2, calls: int = 2) -> None:
        self.rules, self.lanes, self.slots, self.calls = rules, lanes, slots, calls
        self.taken: set[tuple[str, str]] = set()

    def start(self) -> State:
        junk = (77, 0) if self.rules.zeroed else (77, 1)
        memory = {("req", s, w, h): junk for s in range(self.slots) for w in range(2) for h in range(2)}
        memory |= {("rep", s, 0, h): junk for s in range(self.slots) for h in range(2)}
        n = self.slots
        return State(
            tuple(sorted(memory.items())),
            (),
            (Lane(),) * self.lanes,
            (False,) * n,
            (0,) * n,
            (0,) * n,
            (),
            (),
            (-1,) * n,
        )

    def store(self, state: State, region: str, slot: int, word: int, data: int, tag: int) -> State:
        pending = dict(state.pending)
        for half in range(2):
            where = (region, slot, word, half)
            value = (data, tag if half == 0 or self.rules.two_tags else 0)
            pending[where] = (*pending.get(where, ()), value)
        return replace(state, pending=tuple(sorted(pending.items())))

    def word(self, state: State, region: str, slot: int, word: int, tag: int) -> int | None:
        """The word's data if it carries `tag`; the two halves must then agree, or a torn word was taken."""
        memory = dict(state.memory)
        (low, low_tag), (high, high_tag) = memory[region, slot, word, 0], memory[region, slot, word, 1]
        if low_tag != tag or (self.rules.two_tags and high_tag != tag):
            return None
        if low != high:
            raise Violation(f"torn word taken: {region}[{slot}].{word} halves {low} and {high}")
        return low

    def step(self, event: str, at: str) -> str:
        row = steps(at).get(event)
        if row is None:
            raise Violation(f"{event} in state {at} stands in no row of the table")
        self.taken.add((at, event))
        return row.next

    def with_lane(self, s: State, index: int, **changes: object) -> State:
        lanes = list(s.lanes)
        lanes[index] = replace(lanes[index], **changes)  # type: ignore[arg-type]
        return replace(s, lanes=tuple(lanes))

    def successors(self, state: State) -> list[State]:
        out: list[State] = []
        for where, values in state.pending:  # the oldest store of a half lands
            pending = dict(state.pending)
            if len(values) > 1:
                pending[where] = values[1:]
            else:
                del pending[where]
            memory = dict(state.memory) | {where: values[0]}
            out.append(replace(state, pending=tuple(sorted(pending.items())), memory=tuple(sorted(memory.items()))))
        for index, lane in enumerate(state.lanes):
            out += self.lane_steps(state, index, lane)
        for slot in range(self.slots):
            out += self.server_steps(state, slot)
        for slot, seq in state.limbo:
            if self.word(state, "rep", slot, 0, seq) is not None:
                self.step("reap", "LIMBO")
                left = tuple(entry for entry in state.limbo if entry != (slot, seq))
                out.append(
                    replace(
                        state, limbo=left, busy=self.put(state.busy, slot, False), seqs=self.put(state.seqs, slot, seq)
                    )
                )
        return out

    @staticmethod
    def put(values: tuple, index: int, value: object) -> tuple:  # type: ignore[type-arg]
        return (*values[:index], value, *values[index + 1 :])

    def claimed(self, state: State, index: int, slot: int, event: str, at: str) -> State:
        """The lane has the slot and knows the sequence of its packet."""
        seq = next_seq(state.seqs[slot])
        s = replace(state, busy=self.put(state.busy, slot, True))
        if seq == 1 and self.rules.refresh:
            for word in range(2):
                s = self.store(s, "req", slot, word, 0, 0)
        fencing = seq == 1 and self.rules.refresh and self.rules.refresh_fence
        return self.with_lane(s, index, state=self.step(event, at), slot=slot, seq=seq, fencing=fencing)

    def claims(self, state: State, index: int) -> list[State]:
        """Ways to a slot: the kept one, else any that is free, else one whose owner does not use it."""
        if index in state.owners:
            return [self.claimed(state, index, state.owners.index(index), "claim", "KEPT")]
        out = [self.claimed(state, index, slot, "claim", "FREE") for slot in range(self.slots) if not state.busy[slot]]
        for slot, owner in enumerate(state.owners):
            if owner < 0:
                continue
            other = state.lanes[owner]
            # PUBLISHED shows in the entry; an owner that has looked at it and not published yet does not.
            if other.slot == slot and (other.state == "PUBLISHED" or self.rules.grace):
                continue
            s = replace(state, owners=self.put(state.owners, slot, index))
            out.append(self.claimed(s, index, slot, "inherit", "KEPT"))
        return out

    def lane_steps(self, state: State, index: int, lane: Lane) -> list[State]:
        out = []
        identity = call_id(index, lane.calls)
        if lane.state == "FREE" and lane.calls < self.calls:
            out += self.claims(state, index)
        elif lane.state == "CLAIMED":
            mine = any(where[0] == "req" and where[1] == lane.slot for where, _ in state.pending)
            if lane.fencing and mine:
                return out
            s = self.store(state, "req", lane.slot, 0, identity, lane.seq)
            if is_long(identity):
                s = self.store(s, "req", lane.slot, 1, identity, lane.seq)
            out.append(self.with_lane(s, index, state=self.step("publish", "CLAIMED"), fencing=False))
        elif lane.state == "PUBLISHED":
            answer = self.word(state, "rep", lane.slot, 0, lane.seq)
            if answer is not None:
                if answer != identity:
                    raise Violation(f"lane {index} asked as {identity} and took the answer to {answer}")
                s = replace(state, seqs=self.put(state.seqs, lane.slot, lane.seq))
                s = self.with_lane(s, index, state="FREE", calls=lane.calls + 1, slot=-1, seq=0)
                if self.rules.keep and (index not in state.owners or state.owners[lane.slot] == index):
                    self.step("keep", "ANSWERED")
                    out.append(replace(s, owners=self.put(s.owners, lane.slot, index)))
                if state.owners[lane.slot] != index:
                    self.step("take", "ANSWERED")
                    out.append(replace(s, busy=self.put(s.busy, lane.slot, False)))
            if self.rules.deadline:
                self.step("expire", "PUBLISHED")
                s = self.with_lane(state, index, state="FREE", calls=lane.calls + 1, slot=-1, seq=0)
                if self.rules.limbo:
                    s = replace(s, limbo=tuple(sorted((*state.limbo, (lane.slot, lane.seq)))))
                else:  # the slot is taken for free at once: the next caller uses the same sequence
                    s = replace(s, busy=self.put(s.busy, lane.slot, False))
                out.append(s)
        return out

    def server_steps(self, state: State, slot: int) -> list[State]:
        tag = next_seq(state.served[slot])
        first = self.word(state, "req", slot, 0, tag)
        if first is None:
            return []
        if is_long(first):
            second = self.word(state, "req", slot, 1, tag)
            if second is None:
                return []
            if second != first:
                raise Violation(f"packet {first} was accepted with a stale word of {second}")
        if first in state.executed or first < 100:
            raise Violation(f"call {first} was executed twice or never asked for")
        self.step("accept", "PUBLISHED")
        self.step("answer", "ACCEPTED")
        s = replace(state, served=self.put(state.served, slot, tag), executed=(*state.executed, first))
        return [self.store(s, "rep", slot, 0, first, tag)]

    def explore(self, limit: int = 3_000_000) -> int:
        """Visits every reachable state; returns their number.

        Raises
        ------
        Violation
            If an invariant breaks, or a state without successor leaves a call unfinished.
        """
        first = self.start()
        seen = {first}
        queue = deque([first])
        while queue:
            state = queue.popleft()
            following = self.successors(state)
            if not following:
                if any(lane.calls < self.calls or lane.state != "FREE" for lane in state.lanes):
                    raise Violation(f"stuck: {state.lanes}")
                if len(state.executed) != self.lanes * self.calls and not self.rules.deadline:
                    raise Violation(f"finished with {len(state.executed)} calls executed")
            for s in following:
                # The order in which calls were executed is history, not state.
                key = replace(s, executed=tuple(sorted(s.executed)))
                if key not in seen:
                    seen.add(key)
                    queue.append(key)
                    if len(seen) > limit:
                        raise RuntimeError(f"more than {limit} states")
        return len(seen)
