/* SPDX-License-Identifier: Apache-2.0
 *
 * <inttypes.h> for device code: the conversion macros follow stdint.h, where every 64-bit type is long.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <inttypes.h>
#else
#ifndef HC_STD_INTTYPES_H
#define HC_STD_INTTYPES_H

#include "hc/numbers.h"
#include "stdint.h"

#define imaxdiv_t hc_imaxdiv_t
#define imaxabs hc_imaxabs
#define imaxdiv hc_imaxdiv
#define strtoimax hc_strtoimax
#define strtoumax hc_strtoumax

#if defined(_WIN64) && !defined(__OPENCL_C_VERSION__)
#define HC_PRI64 "ll"
#else
#define HC_PRI64 "l"
#endif

#define PRId8 "d"
#define PRIdLEAST8 PRId8
#define PRIdFAST8 PRId8
#define PRId16 "d"
#define PRIdLEAST16 PRId16
#define PRIdFAST16 HC_PRI64 "d"
#define PRId32 "d"
#define PRIdLEAST32 PRId32
#define PRIdFAST32 HC_PRI64 "d"
#define PRId64 HC_PRI64 "d"
#define PRIdLEAST64 PRId64
#define PRIdFAST64 HC_PRI64 "d"
#define PRIdMAX HC_PRI64 "d"
#define PRIdPTR HC_PRI64 "d"
#define PRIi8 "i"
#define PRIiLEAST8 PRIi8
#define PRIiFAST8 PRIi8
#define PRIi16 "i"
#define PRIiLEAST16 PRIi16
#define PRIiFAST16 HC_PRI64 "i"
#define PRIi32 "i"
#define PRIiLEAST32 PRIi32
#define PRIiFAST32 HC_PRI64 "i"
#define PRIi64 HC_PRI64 "i"
#define PRIiLEAST64 PRIi64
#define PRIiFAST64 HC_PRI64 "i"
#define PRIiMAX HC_PRI64 "i"
#define PRIiPTR HC_PRI64 "i"
#define PRIo8 "o"
#define PRIoLEAST8 PRIo8
#define PRIoFAST8 PRIo8
#define PRIo16 "o"
#define PRIoLEAST16 PRIo16
#define PRIoFAST16 HC_PRI64 "o"
#define PRIo32 "o"
#define PRIoLEAST32 PRIo32
#define PRIoFAST32 HC_PRI64 "o"
#define PRIo64 HC_PRI64 "o"
#define PRIoLEAST64 PRIo64
#define PRIoFAST64 HC_PRI64 "o"
#define PRIoMAX HC_PRI64 "o"
#define PRIoPTR HC_PRI64 "o"
#define PRIu8 "u"
#define PRIuLEAST8 PRIu8
#define PRIuFAST8 PRIu8
#define PRIu16 "u"
#define PRIuLEAST16 PRIu16
#define PRIuFAST16 HC_PRI64 "u"
#define PRIu32 "u"
#define PRIuLEAST32 PRIu32
#define PRIuFAST32 HC_PRI64 "u"
#define PRIu64 HC_PRI64 "u"
#define PRIuLEAST64 PRIu64
#define PRIuFAST64 HC_PRI64 "u"
#define PRIuMAX HC_PRI64 "u"
#define PRIuPTR HC_PRI64 "u"
#define PRIx8 "x"
#define PRIxLEAST8 PRIx8
#define PRIxFAST8 PRIx8
#define PRIx16 "x"
#define PRIxLEAST16 PRIx16
#define PRIxFAST16 HC_PRI64 "x"
#define PRIx32 "x"
#define PRIxLEAST32 PRIx32
#define PRIxFAST32 HC_PRI64 "x"
#define PRIx64 HC_PRI64 "x"
#define PRIxLEAST64 PRIx64
#define PRIxFAST64 HC_PRI64 "x"
#define PRIxMAX HC_PRI64 "x"
#define PRIxPTR HC_PRI64 "x"
#define PRIX8 "X"
#define PRIXLEAST8 PRIX8
#define PRIXFAST8 PRIX8
#define PRIX16 "X"
#define PRIXLEAST16 PRIX16
#define PRIXFAST16 HC_PRI64 "X"
#define PRIX32 "X"
#define PRIXLEAST32 PRIX32
#define PRIXFAST32 HC_PRI64 "X"
#define PRIX64 HC_PRI64 "X"
#define PRIXLEAST64 PRIX64
#define PRIXFAST64 HC_PRI64 "X"
#define PRIXMAX HC_PRI64 "X"
#define PRIXPTR HC_PRI64 "X"
#define SCNd8 "hhd"
#define SCNdLEAST8 SCNd8
#define SCNdFAST8 SCNd8
#define SCNd16 "hd"
#define SCNdLEAST16 SCNd16
#define SCNdFAST16 HC_PRI64 "d"
#define SCNd32 "d"
#define SCNdLEAST32 SCNd32
#define SCNdFAST32 HC_PRI64 "d"
#define SCNd64 HC_PRI64 "d"
#define SCNdLEAST64 SCNd64
#define SCNdFAST64 HC_PRI64 "d"
#define SCNdMAX HC_PRI64 "d"
#define SCNdPTR HC_PRI64 "d"
#define SCNi8 "hhi"
#define SCNiLEAST8 SCNi8
#define SCNiFAST8 SCNi8
#define SCNi16 "hi"
#define SCNiLEAST16 SCNi16
#define SCNiFAST16 HC_PRI64 "i"
#define SCNi32 "i"
#define SCNiLEAST32 SCNi32
#define SCNiFAST32 HC_PRI64 "i"
#define SCNi64 HC_PRI64 "i"
#define SCNiLEAST64 SCNi64
#define SCNiFAST64 HC_PRI64 "i"
#define SCNiMAX HC_PRI64 "i"
#define SCNiPTR HC_PRI64 "i"
#define SCNo8 "hho"
#define SCNoLEAST8 SCNo8
#define SCNoFAST8 SCNo8
#define SCNo16 "ho"
#define SCNoLEAST16 SCNo16
#define SCNoFAST16 HC_PRI64 "o"
#define SCNo32 "o"
#define SCNoLEAST32 SCNo32
#define SCNoFAST32 HC_PRI64 "o"
#define SCNo64 HC_PRI64 "o"
#define SCNoLEAST64 SCNo64
#define SCNoFAST64 HC_PRI64 "o"
#define SCNoMAX HC_PRI64 "o"
#define SCNoPTR HC_PRI64 "o"
#define SCNu8 "hhu"
#define SCNuLEAST8 SCNu8
#define SCNuFAST8 SCNu8
#define SCNu16 "hu"
#define SCNuLEAST16 SCNu16
#define SCNuFAST16 HC_PRI64 "u"
#define SCNu32 "u"
#define SCNuLEAST32 SCNu32
#define SCNuFAST32 HC_PRI64 "u"
#define SCNu64 HC_PRI64 "u"
#define SCNuLEAST64 SCNu64
#define SCNuFAST64 HC_PRI64 "u"
#define SCNuMAX HC_PRI64 "u"
#define SCNuPTR HC_PRI64 "u"
#define SCNx8 "hhx"
#define SCNxLEAST8 SCNx8
#define SCNxFAST8 SCNx8
#define SCNx16 "hx"
#define SCNxLEAST16 SCNx16
#define SCNxFAST16 HC_PRI64 "x"
#define SCNx32 "x"
#define SCNxLEAST32 SCNx32
#define SCNxFAST32 HC_PRI64 "x"
#define SCNx64 HC_PRI64 "x"
#define SCNxLEAST64 SCNx64
#define SCNxFAST64 HC_PRI64 "x"
#define SCNxMAX HC_PRI64 "x"
#define SCNxPTR HC_PRI64 "x"

#endif
#endif
