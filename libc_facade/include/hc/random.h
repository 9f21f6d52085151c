/* SPDX-License-Identifier: Apache-2.0
 *
 * Pseudo-random numbers. rand and random are the additive feedback generators that Unix has had since 4.2BSD, the drand48 family is POSIX's
 * linear congruential one: with the same seed they give the numbers that Linux programs know. The state belongs to the program, and one lane at a time
 * takes a number from it; the functions that end in _r, and erand48, nrand48, jrand48, use the caller's.
 */
#ifndef HC_RANDOM_H
#define HC_RANDOM_H
#include "errno.h"

/* ------------------------------------------------------------------------------------------------------- the caller's state */
HC_PURE hc_u32 hc_rand_step(hc_u32 state) { return state * 1103515245u + 12345u; }
#define HC_DEFINE_RAND_R(SPACE, ATTR, BODY)                                                                                              \
    HC_FN ATTR int hc_do_rand_r(SPACE hc_u32 *seed) {                                                                                    \
        hc_u32 a = hc_rand_step(*seed), b = hc_rand_step(a), c = hc_rand_step(b);                                                        \
        *seed = c;                                                                                                                       \
        return (int)(((((a >> 16) & 2047u) << 10 ^ ((b >> 16) & 1023u)) << 10) ^ ((c >> 16) & 1023u));                                   \
    }                                                                                                                                    \
    HC_API ATTR int hc_rand_r(SPACE hc_u32 *seed) { HC_SPLIT(hc_do_rand_r(seed), ::rand_r(seed)) }
HC_FOR_OUT(HC_DEFINE_RAND_R)

#if !defined(HC_OPENCL)
#include "state.h"

/* ---------------------------------------------------------------------------------------------------------- rand and random
 * degree words, of which number `front` gets number `rear` added for each result; degree 0 is a linear congruence of one word. */
typedef struct hc_random_state {
    hc_i32 *words; /* words[-1] says which kind it is, and where `rear` stood */
    hc_u32 degree, separation, front, rear;
} hc_random_state;

#define HC_RANDOM_KINDS 5u
HC_FN hc_u32 hc_random_degree(hc_u32 kind) { return kind == 0 ? 0 : kind == 1 ? 7u : kind == 2 ? 15u : kind == 3 ? 31u : 63u; }
HC_FN hc_u32 hc_random_separation(hc_u32 kind) { return kind == 0 ? 0 : kind == 2 || kind == 4 ? 1u : 3u; }

HC_STATE hc_u32 hc_random_lock;
HC_STATE hc_i32 hc_random_words[32];
HC_STATE hc_random_state hc_random_now;

HC_FN hc_i32 hc_random_next(hc_random_state *s) {
    hc_u32 sum;
    if (s->degree == 0) {
        s->words[0] = (hc_i32)(((hc_u32)s->words[0] * 1103515245u + 12345u) & 0x7fffffffu);
        return s->words[0];
    }
    sum = (hc_u32)s->words[s->front] + (hc_u32)s->words[s->rear];
    s->words[s->front] = (hc_i32)sum;
    if (++s->front == s->degree) s->front = 0;
    if (++s->rear == s->degree) s->rear = 0;
    return (hc_i32)(sum >> 1);
}
HC_BODY void hc_random_seed(hc_random_state *s, hc_u32 seed) {
    hc_i64 word = seed ? (hc_i64)(hc_i32)seed : 1;
    hc_u32 i;
    s->words[0] = (hc_i32)word;
    if (s->degree == 0) return;
    /* 16807 * word modulo 2^31 - 1, as a division of words of 32 bits gives it for negative ones, too. */
    HC_ROLLED for (i = 1; i < s->degree; i++) {
        word = 16807 * (word % 127773) - 2836 * (word / 127773);
        if (word < 0) word += 2147483647;
        s->words[i] = (hc_i32)word;
    }
    s->front = s->separation;
    s->rear = 0;
    HC_ROLLED for (i = 0; i < 10u * s->degree; i++) (void)hc_random_next(s);
}
/* With the lock held: the state that a program begins with. */
HC_FN void hc_random_begin(hc_random_state *s, hc_i32 *words, hc_u32 kind) {
    s->words = words + 1;
    s->degree = hc_random_degree(kind);
    s->separation = hc_random_separation(kind);
}
HC_FN void hc_random_ready(void) {
    if (hc_random_now.words) return;
    hc_random_begin(&hc_random_now, hc_random_words, 3u);
    hc_random_seed(&hc_random_now, 1u);
}
HC_FN void hc_random_mark(hc_random_state *s) {
    hc_u32 kind;
    HC_ROLLED for (kind = 0; hc_random_degree(kind) != s->degree; kind++) {
    }
    s->words[-1] = (hc_i32)(s->degree ? s->rear * HC_RANDOM_KINDS + kind : kind);
}
HC_BODY hc_i32 hc_do_random(void) {
    hc_i32 value = 0;
    HC_LOCKED(hc_random_lock, hc_random_ready(); value = hc_random_next(&hc_random_now));
    return value;
}
HC_BODY void hc_do_srandom(hc_u32 seed) {
    HC_LOCKED(hc_random_lock, if (!hc_random_now.words) hc_random_begin(&hc_random_now, hc_random_words, 3u);
              hc_random_seed(&hc_random_now, seed));
}
HC_BODY char *hc_do_initstate(hc_u32 seed, char *memory, size_t size) {
    hc_u32 kind = size >= 256u ? 4u : size >= 128u ? 3u : size >= 64u ? 2u : size >= 32u ? 1u : 0;
    hc_i32 *before = 0;
    if (size < 8u || !memory) {
        hc_errno_set(HC_EINVAL);
        return 0;
    }
    HC_LOCKED(hc_random_lock, hc_random_ready(); hc_random_mark(&hc_random_now); before = hc_random_now.words - 1;
              hc_random_begin(&hc_random_now, (hc_i32 *)(void *)memory, kind); hc_random_seed(&hc_random_now, seed); hc_random_mark(&hc_random_now));
    return (char *)before;
}
HC_BODY char *hc_do_setstate(char *memory) {
    hc_i32 *words = (hc_i32 *)(void *)memory, *before = 0;
    hc_u32 mark, kind;
    if (!memory || words[0] < 0) {
        hc_errno_set(HC_EINVAL);
        return 0;
    }
    HC_LOCKED(hc_random_lock, hc_random_ready(); hc_random_mark(&hc_random_now); before = hc_random_now.words - 1; mark = (hc_u32)words[0];
              kind = mark % HC_RANDOM_KINDS; hc_random_begin(&hc_random_now, words, kind);
              if (kind) {
                  hc_random_now.rear = mark / HC_RANDOM_KINDS % hc_random_now.degree;
                  hc_random_now.front = (hc_random_now.rear + hc_random_now.separation) % hc_random_now.degree;
              });
    return (char *)before;
}
HC_API int hc_rand(void) { HC_SPLIT(hc_do_random(), ::rand()) }
HC_API void hc_srand(hc_u32 seed) { HC_SPLIT_VOID(hc_do_srandom(seed), ::srand(seed)) }
HC_API hc_long hc_random(void) { HC_SPLIT(hc_do_random(), ::random()) }
HC_API void hc_srandom(hc_u32 seed) { HC_SPLIT_VOID(hc_do_srandom(seed), ::srandom(seed)) }
HC_API char *hc_initstate(hc_u32 seed, char *memory, size_t size) { HC_SPLIT(hc_do_initstate(seed, memory, size), ::initstate(seed, memory, size)) }
HC_API char *hc_setstate(char *memory) { HC_SPLIT(hc_do_setstate(memory), ::setstate(memory)) }

/* ------------------------------------------------------------------------------------------------------------------- drand48 */
#define HC_48_BITS 0xffffffffffffull
#define HC_48_FACTOR 0x5deece66dull
#define HC_48_ADDEND 0xbull
HC_STATE hc_u32 hc_48_lock, hc_48_begun;
HC_STATE hc_u64 hc_48_x, hc_48_factor, hc_48_addend;
HC_STATE unsigned short hc_48_before[3];

HC_FN hc_u64 hc_48_load(const unsigned short *state) { return (hc_u64)state[0] | (hc_u64)state[1] << 16 | (hc_u64)state[2] << 32; }
HC_FN void hc_48_store(unsigned short *state, hc_u64 x) {
    state[0] = (unsigned short)x;
    state[1] = (unsigned short)(x >> 16);
    state[2] = (unsigned short)(x >> 32);
}
HC_FN void hc_48_begin(int anew) {
    if (hc_48_begun && !anew) return;
    hc_48_begun = 1;
    hc_48_factor = HC_48_FACTOR;
    hc_48_addend = HC_48_ADDEND;
}
/* The next number: of the caller's state, or the program's. */
HC_BODY hc_u64 hc_48_next(unsigned short *state) {
    hc_u64 x = 0;
    HC_LOCKED(hc_48_lock, hc_48_begin(0); x = ((state ? hc_48_load(state) : hc_48_x) * hc_48_factor + hc_48_addend) & HC_48_BITS;
              if (!state) hc_48_x = x);
    if (state) hc_48_store(state, x);
    return x;
}
HC_BODY void hc_do_srand48(hc_long seed) {
    HC_LOCKED(hc_48_lock, hc_48_begin(1); hc_48_x = (hc_u64)(hc_u32)seed << 16 | 0x330eu);
}
HC_BODY unsigned short *hc_do_seed48(const unsigned short *state) {
    HC_LOCKED(hc_48_lock, hc_48_store(hc_48_before, hc_48_x); hc_48_begin(1); hc_48_x = hc_48_load(state));
    return hc_48_before;
}
HC_BODY void hc_do_lcong48(const unsigned short *parameters) {
    HC_LOCKED(hc_48_lock, hc_48_begun = 1; hc_48_x = hc_48_load(parameters); hc_48_factor = hc_48_load(parameters + 3);
              hc_48_addend = parameters[6]);
}
HC_FN double hc_48_real(hc_u64 x) { return (double)(hc_i64)x / 281474976710656.0; }
HC_API double hc_drand48(void) { HC_SPLIT(hc_48_real(hc_48_next(0)), ::drand48()) }
HC_API double hc_erand48(unsigned short *state) { HC_SPLIT(hc_48_real(hc_48_next(state)), ::erand48(state)) }
HC_API hc_long hc_lrand48(void) { HC_SPLIT((hc_long)(hc_48_next(0) >> 17), ::lrand48()) }
HC_API hc_long hc_nrand48(unsigned short *state) { HC_SPLIT((hc_long)(hc_48_next(state) >> 17), ::nrand48(state)) }
HC_API hc_long hc_mrand48(void) { HC_SPLIT((hc_i32)(hc_48_next(0) >> 16), ::mrand48()) }
HC_API hc_long hc_jrand48(unsigned short *state) { HC_SPLIT((hc_i32)(hc_48_next(state) >> 16), ::jrand48(state)) }
HC_API void hc_srand48(hc_long seed) { HC_SPLIT_VOID(hc_do_srand48(seed), ::srand48(seed)) }
HC_API unsigned short *hc_seed48(unsigned short *state) { HC_SPLIT(hc_do_seed48(state), ::seed48(state)) }
HC_API void hc_lcong48(unsigned short *parameters) { HC_SPLIT_VOID(hc_do_lcong48(parameters), ::lcong48(parameters)) }
#endif

#endif
