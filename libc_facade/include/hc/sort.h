/* SPDX-License-Identifier: Apache-2.0
 *
 * qsort, qsort_r, bsearch. Sorting is a merge sort from below: stable, no recursion, and few comparisons, since a comparator on a GPU is an
 * indirect call. It takes as much memory from the heap as the array has; where there is none it is a heap sort in place, which is not
 * stable. Comparators may diverge, make hostcalls, and use errno, which sorting leaves alone.
 */
#ifndef HC_SORT_H
#define HC_SORT_H
#include "errno.h"
#include "heap.h"

typedef int (*hc_compare)(const void *, const void *);
typedef int (*hc_compare_r)(const void *, const void *, void *);

/* What is being sorted. */
typedef struct hc_sorting {
    size_t size; /* of an element */
    hc_compare plain;
    hc_compare_r with;
    void *argument;
    int words; /* elements are whole, aligned words of 8 bytes */
} hc_sorting;

#define HC_SORT_RUN 8u /* elements that are sorted by insertion before runs are merged */

HC_BODY int hc_sort_compare(const hc_sorting *s, const hc_u8 *a, const hc_u8 *b) {
    return s->plain ? s->plain(a, b) : s->with(a, b, s->argument);
}
/* The elements may be of any type, so words go through one that may alias them. */
typedef hc_u64 hc_sort_word __attribute__((may_alias));
HC_BODY void hc_sort_copy(const hc_sorting *s, hc_u8 *to, const hc_u8 *from, size_t n) {
    size_t i, bytes = n * s->size;
    if (s->words) {
        HC_ROLLED for (i = 0; i < bytes / 8u; i++) ((hc_sort_word *)to)[i] = ((const hc_sort_word *)from)[i];
    } else {
        HC_ROLLED for (i = 0; i < bytes; i++) to[i] = from[i];
    }
}
HC_BODY void hc_sort_swap(const hc_sorting *s, hc_u8 *a, hc_u8 *b) {
    size_t i;
    if (s->words) {
        HC_ROLLED for (i = 0; i < s->size / 8u; i++) {
            hc_u64 kept = ((hc_sort_word *)a)[i];
            ((hc_sort_word *)a)[i] = ((hc_sort_word *)b)[i];
            ((hc_sort_word *)b)[i] = kept;
        }
    } else {
        HC_ROLLED for (i = 0; i < s->size; i++) {
            hc_u8 kept = a[i];
            a[i] = b[i];
            b[i] = kept;
        }
    }
}
HC_FN void hc_sort_insertion(const hc_sorting *s, hc_u8 *base, size_t n) {
    size_t i, j;
    HC_ROLLED for (i = 1; i < n; i++) {
        HC_ROLLED for (j = i; j > 0 && hc_sort_compare(s, base + (j - 1u) * s->size, base + j * s->size) > 0; j--) {
            hc_sort_swap(s, base + (j - 1u) * s->size, base + j * s->size);
        }
    }
}
/* Two neighbouring sorted runs of `from` become one of `to`. Of equal elements the left one comes first. */
HC_FN void hc_sort_merge(const hc_sorting *s, hc_u8 *to, const hc_u8 *left, const hc_u8 *right, const hc_u8 *end) {
    const hc_u8 *middle = right;
    HC_ROLLED while (left < middle && right < end) {
        if (hc_sort_compare(s, left, right) <= 0) {
            hc_sort_copy(s, to, left, 1);
            left += s->size;
        } else {
            hc_sort_copy(s, to, right, 1);
            right += s->size;
        }
        to += s->size;
    }
    if (left < middle) hc_sort_copy(s, to, left, (size_t)(middle - left) / s->size);
    else if (right < end) hc_sort_copy(s, to, right, (size_t)(end - right) / s->size);
}
HC_FN void hc_sort_by_merging(const hc_sorting *s, hc_u8 *base, hc_u8 *spare, size_t n) {
    hc_u8 *from = base, *to = spare;
    size_t run, at;
    HC_ROLLED for (at = 0; at < n; at += HC_SORT_RUN) {
        hc_sort_insertion(s, base + at * s->size, n - at < HC_SORT_RUN ? n - at : HC_SORT_RUN);
    }
    HC_ROLLED for (run = HC_SORT_RUN; run < n; run *= 2u) {
        hc_u8 *turn = from;
        HC_ROLLED for (at = 0; at < n; at += 2u * run) {
            size_t middle = n - at < run ? n : at + run, end = n - at < 2u * run ? n : at + 2u * run;
            hc_sort_merge(s, to + at * s->size, from + at * s->size, from + middle * s->size, from + end * s->size);
        }
        from = to;
        to = turn;
    }
    if (from != base) hc_sort_copy(s, base, from, n);
}
HC_FN void hc_sort_sift(const hc_sorting *s, hc_u8 *base, size_t at, size_t n) {
    HC_ROLLED while (2u * at + 1u < n) {
        size_t child = 2u * at + 1u;
        if (child + 1u < n && hc_sort_compare(s, base + child * s->size, base + (child + 1u) * s->size) < 0) child++;
        if (hc_sort_compare(s, base + at * s->size, base + child * s->size) >= 0) return;
        hc_sort_swap(s, base + at * s->size, base + child * s->size);
        at = child;
    }
}
HC_FN void hc_sort_in_place(const hc_sorting *s, hc_u8 *base, size_t n) {
    size_t i;
    HC_ROLLED for (i = n / 2u; i > 0; i--) hc_sort_sift(s, base, i - 1u, n);
    HC_ROLLED for (i = n - 1u; i > 0; i--) {
        hc_sort_swap(s, base, base + i * s->size);
        hc_sort_sift(s, base, 0, i);
    }
}
HC_BODY void hc_sort(void *base, size_t n, size_t size, hc_compare plain, hc_compare_r with, void *argument) {
    hc_sorting s;
    hc_u64 spare;
    if (n < 2u || size == 0) return;
    s.size = size;
    s.plain = plain;
    s.with = with;
    s.argument = argument;
    s.words = size % 8u == 0 && (size_t)base % 8u == 0;
    if (n <= HC_SORT_RUN) {
        hc_sort_insertion(&s, (hc_u8 *)base, n);
        return;
    }
    spare = n <= ~(size_t)0 / size ? hc_heap_get_block(n * size, 16u) : 0;
    if (!spare) {
        hc_sort_in_place(&s, (hc_u8 *)base, n);
        return;
    }
    hc_sort_by_merging(&s, (hc_u8 *)base, HC_AT(hc_u8, spare), n);
    hc_free(HC_AT(void, spare));
}

HC_BODY void *hc_do_bsearch(const void *key, const void *base, size_t n, size_t size, hc_compare compare) {
    size_t low = 0, high = n;
    HC_ROLLED while (low < high) {
        size_t middle = low + (high - low) / 2u;
        const hc_u8 *at = (const hc_u8 *)base + middle * size;
        int order = compare(key, at);
        if (order == 0) return (void *)at;
        if (order < 0) high = middle;
        else low = middle + 1u;
    }
    return 0;
}

HC_API void hc_qsort(void *base, size_t n, size_t size, hc_compare compare) {
    HC_SPLIT_VOID(hc_sort(base, n, size, compare, 0, 0), ::qsort(base, n, size, compare))
}
HC_API void hc_qsort_r(void *base, size_t n, size_t size, hc_compare_r compare, void *argument) {
    HC_SPLIT_VOID(hc_sort(base, n, size, 0, compare, argument), ::qsort_r(base, n, size, compare, argument))
}
HC_API void *hc_bsearch(const void *key, const void *base, size_t n, size_t size, hc_compare compare) {
    HC_SPLIT(hc_do_bsearch(key, base, n, size, compare), ::bsearch(key, base, n, size, compare))
}

#endif
