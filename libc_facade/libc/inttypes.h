/* SPDX-License-Identifier: Apache-2.0
 *
 * <inttypes.h>: every type of 64 bits is long.
 */
#ifndef _INTTYPES_H
#define _INTTYPES_H

#include <bits/wide.h>
#include <features.h>
#include <stdint.h>

typedef struct {
    long quot, rem;
} imaxdiv_t;

__HC_BEGIN
intmax_t imaxabs(intmax_t __value);
imaxdiv_t imaxdiv(intmax_t __a, intmax_t __b);
intmax_t strtoimax(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);
uintmax_t strtoumax(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);
__HC_END

#define PRId8 "d"
#define PRIdLEAST8 PRId8
#define PRIdFAST8 PRId8
#define PRId16 "d"
#define PRIdLEAST16 PRId16
#define PRIdFAST16 "ld"
#define PRId32 "d"
#define PRIdLEAST32 PRId32
#define PRIdFAST32 "ld"
#define PRId64 "ld"
#define PRIdLEAST64 PRId64
#define PRIdFAST64 "ld"
#define PRIdMAX "ld"
#define PRIdPTR "ld"
#define PRIi8 "i"
#define PRIiLEAST8 PRIi8
#define PRIiFAST8 PRIi8
#define PRIi16 "i"
#define PRIiLEAST16 PRIi16
#define PRIiFAST16 "li"
#define PRIi32 "i"
#define PRIiLEAST32 PRIi32
#define PRIiFAST32 "li"
#define PRIi64 "li"
#define PRIiLEAST64 PRIi64
#define PRIiFAST64 "li"
#define PRIiMAX "li"
#define PRIiPTR "li"
#define PRIo8 "o"
#define PRIoLEAST8 PRIo8
#define PRIoFAST8 PRIo8
#define PRIo16 "o"
#define PRIoLEAST16 PRIo16
#define PRIoFAST16 "lo"
#define PRIo32 "o"
#define PRIoLEAST32 PRIo32
#define PRIoFAST32 "lo"
#define PRIo64 "lo"
#define PRIoLEAST64 PRIo64
#define PRIoFAST64 "lo"
#define PRIoMAX "lo"
#define PRIoPTR "lo"
#define PRIu8 "u"
#define PRIuLEAST8 PRIu8
#define PRIuFAST8 PRIu8
#define PRIu16 "u"
#define PRIuLEAST16 PRIu16
#define PRIuFAST16 "lu"
#define PRIu32 "u"
#define PRIuLEAST32 PRIu32
#define PRIuFAST32 "lu"
#define PRIu64 "lu"
#define PRIuLEAST64 PRIu64
#define PRIuFAST64 "lu"
#define PRIuMAX "lu"
#define PRIuPTR "lu"
#define PRIx8 "x"
#define PRIxLEAST8 PRIx8
#define PRIxFAST8 PRIx8
#define PRIx16 "x"
#define PRIxLEAST16 PRIx16
#define PRIxFAST16 "lx"
#define PRIx32 "x"
#define PRIxLEAST32 PRIx32
#define PRIxFAST32 "lx"
#define PRIx64 "lx"
#define PRIxLEAST64 PRIx64
#define PRIxFAST64 "lx"
#define PRIxMAX "lx"
#define PRIxPTR "lx"
#define PRIX8 "X"
#define PRIXLEAST8 PRIX8
#define PRIXFAST8 PRIX8
#define PRIX16 "X"
#define PRIXLEAST16 PRIX16
#define PRIXFAST16 "lX"
#define PRIX32 "X"
#define PRIXLEAST32 PRIX32
#define PRIXFAST32 "lX"
#define PRIX64 "lX"
#define PRIXLEAST64 PRIX64
#define PRIXFAST64 "lX"
#define PRIXMAX "lX"
#define PRIXPTR "lX"
#define SCNd8 "hhd"
#define SCNdLEAST8 SCNd8
#define SCNdFAST8 SCNd8
#define SCNd16 "hd"
#define SCNdLEAST16 SCNd16
#define SCNdFAST16 "ld"
#define SCNd32 "d"
#define SCNdLEAST32 SCNd32
#define SCNdFAST32 "ld"
#define SCNd64 "ld"
#define SCNdLEAST64 SCNd64
#define SCNdFAST64 "ld"
#define SCNdMAX "ld"
#define SCNdPTR "ld"
#define SCNi8 "hhi"
#define SCNiLEAST8 SCNi8
#define SCNiFAST8 SCNi8
#define SCNi16 "hi"
#define SCNiLEAST16 SCNi16
#define SCNiFAST16 "li"
#define SCNi32 "i"
#define SCNiLEAST32 SCNi32
#define SCNiFAST32 "li"
#define SCNi64 "li"
#define SCNiLEAST64 SCNi64
#define SCNiFAST64 "li"
#define SCNiMAX "li"
#define SCNiPTR "li"
#define SCNo8 "hho"
#define SCNoLEAST8 SCNo8
#define SCNoFAST8 SCNo8
#define SCNo16 "ho"
#define SCNoLEAST16 SCNo16
#define SCNoFAST16 "lo"
#define SCNo32 "o"
#define SCNoLEAST32 SCNo32
#define SCNoFAST32 "lo"
#define SCNo64 "lo"
#define SCNoLEAST64 SCNo64
#define SCNoFAST64 "lo"
#define SCNoMAX "lo"
#define SCNoPTR "lo"
#define SCNu8 "hhu"
#define SCNuLEAST8 SCNu8
#define SCNuFAST8 SCNu8
#define SCNu16 "hu"
#define SCNuLEAST16 SCNu16
#define SCNuFAST16 "lu"
#define SCNu32 "u"
#define SCNuLEAST32 SCNu32
#define SCNuFAST32 "lu"
#define SCNu64 "lu"
#define SCNuLEAST64 SCNu64
#define SCNuFAST64 "lu"
#define SCNuMAX "lu"
#define SCNuPTR "lu"
#define SCNx8 "hhx"
#define SCNxLEAST8 SCNx8
#define SCNxFAST8 SCNx8
#define SCNx16 "hx"
#define SCNxLEAST16 SCNx16
#define SCNxFAST16 "lx"
#define SCNx32 "x"
#define SCNxLEAST32 SCNx32
#define SCNxFAST32 "lx"
#define SCNx64 "lx"
#define SCNxLEAST64 SCNx64
#define SCNxFAST64 "lx"
#define SCNxMAX "lx"
#define SCNxPTR "lx"

#endif
