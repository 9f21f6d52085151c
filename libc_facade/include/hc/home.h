/* SPDX-License-Identifier: Apache-2.0
 *
 * Kept slots. The claim of a slot is an atomic in device memory, 0.3 us on a path whose floor is 1.4 us. So a warp that called once keeps
 * its slot: the slot stays claimed in slot_state, and an entry at the warp's place (multiprocessor, warp) says for which block. The next
 * call of that warp finds it with one load that the L1 cache answers, and no atomic.
 *
 * Why no two use it at once. Only a group of lanes with lane 0 in it may use a kept slot, and lane 0 is in one call at a time. A place holds
 * one warp at a time. What is left is a warp that was moved to another place by preemption: it finds other entries there, and its old one
 * goes over to the new warp at that place only while no call is in flight (HC_SLOT_BUSY), first marked as pending for HC_HOME_GRACE calls,
 * many microseconds, so that an owner that had just looked at the entry is past its own stores. Owners from launches that are all over
 * (an older epoch) need no such time.
 */
#ifndef HC_HOME_H
#define HC_HOME_H
#include "bind.h"

#if HC_HAS_WARPS
#define HC_HOME_GRACE 8u

/* When to look for a reply. A look that comes too early costs another trip over the link, and where thousands of warps wait, polls that
 * find nothing keep the server from its work; one that comes too late costs the difference. So a kept slot remembers, for the opcode of
 * its last call, how long to wait before the first look. After a look that found the reply it is a little less, after one that came too early
 * more, so that one in some thirty comes too early; far from the link's own time it shrinks fast. Two calls running that were looked for much
 * too early are a crowd: then half of what the second took.
 * opcode : 15 | the last one was looked for much too early : 1 | cycles / HC_HABIT_UNIT : 16 */
#define HC_HABIT_UNIT 8u
#define HC_HABIT_EARLY 0x10000u
#define HC_HABIT_LONG 2048u /* cycles: from here on the wait is for a crowd, not for the link */
HC_FN hc_u32 hc_habit_first(hc_u32 habit, hc_u32 op, hc_u32 usual) { return (habit >> 17) == op ? (habit & 0xffffu) * HC_HABIT_UNIT : usual; }
/* `first`: what was waited; `looks`: how many came before the one that found the reply; `took`: cycles of the whole wait. */
HC_FN hc_u32 hc_habit_next(hc_u32 op, hc_u32 habit, hc_u32 seq, hc_u32 first, hc_u32 looks, hc_u32 took, hc_u32 usual) {
    hc_u32 early = 0;
    if (looks == 0) {
        hc_u32 less = first > usual ? (first - usual) >> 5 : 0;
        if (less < HC_HABIT_UNIT) less = (seq & 3u) == 0 && first >= HC_HABIT_UNIT ? HC_HABIT_UNIT : 0;
        first -= less;
    } else if (looks == 1u) {
        first += 64u + (first >> 5);
    } else {
        early = HC_HABIT_EARLY;
        if ((habit & HC_HABIT_EARLY) && first < took / 2u) first = took / 2u;
        else first += 64u;
    }
    if (first > 0xffffu * HC_HABIT_UNIT) first = 0xffffu * HC_HABIT_UNIT;
    return (op << 17) | early | (first / HC_HABIT_UNIT);
}

/* The block as a number, neither 0 nor the complement of one: grid and block. Two that coincide lose the grace above, nothing else. */
HC_FN hc_u32 hc_home_owner(void) {
    hc_u32 v = (hc_u32)hc_grid_token() * 0x9e3779b1u + blockIdx.x + blockIdx.y * 0x85ebca77u + blockIdx.z * 0xc2b2ae3du;
    return (v | 1u) & 0x7fffffffu;
}

HC_FN hc_u64 hc_home_in(hc_u64 homes, hc_u32 place) { return homes + (hc_u64)place * sizeof(hc_home); }
HC_FN hc_u64 hc_home_at(hc_u64 c, hc_u32 place) { return hc_home_in(HC_C(c)->homes, place); }
/* What the owner writes when a call is over: the slot is free for his next one. */
HC_FN void hc_home_leave(hc_u64 at, hc_u32 seq, hc_u32 habit) { hc_dev_near_store64(at + HC_HOME_STATE, (hc_u64)seq | ((hc_u64)habit << 32)); }
/* And when one begins: nobody takes the entry over meanwhile. */
HC_FN void hc_home_enter(hc_u64 at, hc_u32 seq, hc_u32 habit) { hc_dev_near_store64(at + HC_HOME_STATE, (hc_u64)(seq | HC_SLOT_BUSY) | ((hc_u64)habit << 32)); }

/* The slot of this place is claimed by this warp: it stays so. By the leader, instead of giving it back. */
HC_NOINLINE void hc_home_keep(hc_u64 c, hc_u32 place, hc_u32 seq, hc_u32 op) {
    hc_u64 at = hc_home_at(c, place);
    hc_dev_store32(at + HC_HOME_EPOCH, hc_dev_load32(c + HC_CLIENT_EPOCH));
    hc_home_leave(at, seq, (op << 17) | (HC_C(c)->poll_first / HC_HABIT_UNIT));
    hc_dev_store32(at, hc_home_owner());
}

/* The slot of this place is claimed, and not by an entry of ours that is free: the owner before us may be gone. By the leader of a group with
 * lane 0 in it. The state of the slot if it is ours from now on; HC_SLOT_BUSY: not now. */
HC_NOINLINE hc_u32 hc_home_take(hc_u64 c, hc_u32 place) {
    hc_u64 at = hc_home_at(c, place);
    hc_u32 me = hc_home_owner(), owner = hc_dev_load32(at), state = hc_dev_load32(at + HC_HOME_STATE), epoch = hc_dev_load32(c + HC_CLIENT_EPOCH);
    if (owner == 0 || owner == me || (state & HC_SLOT_BUSY)) return HC_SLOT_BUSY; /* claimed for one call, or in flight */
    if (hc_dev_load32(at + HC_HOME_EPOCH) != epoch) {
        if (hc_dev_cas32(at, owner, me) != owner) return HC_SLOT_BUSY;
        hc_dev_store32(at + HC_HOME_STATE, state | HC_SLOT_BUSY);
        return state;
    }
    if (owner == ~me) { /* pending for us */
        hc_u32 calls = hc_dev_load32(at + HC_HOME_CALLS) + 1u;
        hc_dev_store32(at + HC_HOME_CALLS, calls);
        if (calls >= HC_HOME_GRACE) hc_dev_store32(at, me); /* from the next call on */
    } else if (hc_dev_cas32(at, owner, ~me) == owner) {
        hc_dev_store32(at + HC_HOME_CALLS, 0);
    }
    return HC_SLOT_BUSY;
}
#endif

#endif
