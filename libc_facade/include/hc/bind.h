/* SPDX-License-Identifier: Apache-2.0
 *
 * How device code finds its channel, and how a lane that waits learns that nobody will answer.
 */
#ifndef HC_BIND_H
#define HC_BIND_H
#include "channel.h"

/* Negative errno values of the protocol itself; the facade's errno.h has the rest. */
#define HC_EAGAIN 11
#define HC_ENOMEM 12
#define HC_ENODEV 19
#define HC_EINVAL 22
#define HC_EMSGSIZE 90
#define HC_ENOTSUP 95
#define HC_ESHUTDOWN 108
#define HC_ETIMEDOUT 110
#define HC_ENOSYS 38
#define HC_EIO 5

/* ------------------------------------------------------------------------------------------------ finding the channel */
#if defined(HC_CUDA)
#if defined(HC_NVPTX)
/* Weak: every object of a program may have it. Used: the loads below name it where the compiler does not look. */
__attribute__((weak, used)) hc_u64 hostcall_client_v1 = 0;
#elif defined(HC_EXTERN_CLIENT)
extern "C" __device__ hc_u64 hostcall_client_v1;
#else
extern "C" {
__device__ hc_u64 hostcall_client_v1 = 0;
}
#endif
/* Volatile, and by an instruction that no optimiser sees through: link-time optimisation folds a never-written global to zero, and with it every
 * call. A plain load all the same: it is set before the launch, so the L1 copy is good and saves the way to L2. */
HC_FN hc_u64 hc_client_address(void) {
    hc_u64 v;
    asm volatile("ld.global.u64 %0, [hostcall_client_v1];" : "=l"(v));
    return v;
}
/* The explicit way: a kernel that got the client as an argument announces it for the functions it calls. */
HC_FN void hc_use_client(hc_u64 address) { *(volatile hc_u64 *)&hostcall_client_v1 = address; }
#if defined(HC_BIND_ENTRY)
HC_KERNEL void hostcall_bind_v1(hc_u64 address) { hc_use_client(address); }
#endif
#elif defined(HC_OPENCL)
#if defined(HC_CLIENT_ADDRESS)
HC_FN hc_u64 hc_client_address(void) { return HC_CLIENT_ADDRESS; }
#else
HC_FN hc_u64 hc_client_address(void) { return 0; }
#endif
#else
__attribute__((visibility("default"), weak)) hc_u64 hostcall_client_v1;
HC_FN hc_u64 hc_client_address(void) { return __atomic_load_n(&hostcall_client_v1, __ATOMIC_ACQUIRE); }
HC_FN void hc_use_client(hc_u64 address) { __atomic_store_n(&hostcall_client_v1, address, __ATOMIC_RELEASE); }
#endif

#define HC_C(c) HC_AT(const hc_client, c)

HC_FN hc_u32 hc_ctz32(hc_u32 x) {
#if defined(HC_CUDA)
    return (hc_u32)__ffs((int)x) - 1u;
#elif defined(HC_OPENCL)
    return popcount((x & (0u - x)) - 1u);
#else
    return (hc_u32)__builtin_ctz(x);
#endif
}

#if defined(HC_OPENCL)
/* No device clock: the server refreshes this word while it serves. */
HC_FN hc_u64 hc_timer_ns(void) {
    hc_u64 c = hc_client_address();
    return c ? hc_bus_load64(HC_C(c)->control + HC_CTL_MONO_NS) : 0;
}
#endif
HC_FN void hc_count(hc_u64 c, hc_u32 counter, hc_u64 n) { (void)hc_dev_add64(HC_C(c)->counters + 8u * counter, n); }

/* ------------------------------------------------------------------------------------------------------ watching the server */
typedef struct hc_watch {
    hc_u64 since; /* when the heartbeat last changed, by the device's timer; without a device clock: looks since it changed */
    hc_u32 beat, armed;
} hc_watch;
HC_FN void hc_watch_begin(hc_watch *w) {
    w->since = 0;
    w->beat = 0;
    w->armed = 0;
}
/* Between two looks at the server: polls of a word that the other side owns. A C thread sleeps between its later polls, so that it
 * counts fewer; but more than a call takes, or every call would pay for a look. */
#if defined(HC_HOST)
#define HC_POLLS_PER_LOOK 32u
#define HC_GRACE_LOOKS 20u
#elif defined(HC_CUDA)
#define HC_POLLS_PER_LOOK 256u
#define HC_GRACE_LOOKS 500u
#else
#define HC_POLLS_PER_LOOK 256u
#define HC_GRACE_LOOKS 20000u
#endif
#define HC_LOOK_NS 1000u /* a look at the heartbeat comes at most this often: 256 polls of a word that the other side owns */

/* 0, or -ESHUTDOWN: the abort word is set, or the poller of this slot gave no sign of life for silence_ns. Crosses the bus, so
 * waiting loops call it rarely. */
HC_FN hc_i32 hc_watch_server(hc_u64 c, hc_u32 slot, hc_watch *w) {
    hc_u64 control = HC_C(c)->control;
    if (hc_bus_load32(control + HC_CTL_ABORT)) return -HC_ESHUTDOWN;
    {
        hc_u32 beat = hc_bus_load32(control + HC_CTL_BEATS + 4u * ((slot / HC_BELL_GROUP) % HC_C(c)->pollers));
        int counted = (HC_C(c)->flags & HC_FLAG_HOST_CLOCK) != 0; /* that clock stops with the server */
        hc_u64 now = counted ? w->since + HC_LOOK_NS : hc_timer_ns();
        if (!w->armed || beat != w->beat) {
            w->armed = 1;
            w->beat = beat;
            w->since = counted ? 0 : now;
        } else if (HC_C(c)->silence_ns && (counted ? now : now - w->since) > HC_C(c)->silence_ns) {
            return -HC_ESHUTDOWN;
        } else if (counted) {
            w->since = now;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------ order of posts */
/* Position after the last post of this lane's warp (at least of this lane: warps may share an entry, which only waits longer). */
HC_FN hc_u64 hc_order_in(hc_u64 order) {
#if HC_HAS_WARPS
    hc_u32 key = hc_block_id() * ((hc_block_dim() + 31u) >> 5) + (hc_local_id() >> 5); /* the warp: the same for all of its lanes */
#elif defined(HC_OPENCL)
    hc_u32 key = 0; /* one entry for all items: see hc_warp_hint */
#else
    hc_u32 key = (hc_u32)hc_thread_id();
#endif
    return order + 8u * (hc_u64)(key & (HC_ORDER_ENTRIES - 1u));
}
HC_FN hc_u64 hc_order_at(hc_u64 c) { return hc_order_in(HC_C(c)->order); }

#endif
