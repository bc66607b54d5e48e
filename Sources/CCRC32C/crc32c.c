// CRC-32C. The processor's instruction has a latency of three cycles and a throughput of one, so three streams run side
// by side, each over a third of the bytes, and are joined by carry-less multiplication: moving a remainder over n zero
// bytes multiplies it by x^8n (V. Gopal et al., "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction",
// Intel 2011).
#include "crc32c.h"
#include <string.h>

#define POLYNOMIAL 0x82f63b78u        // reflected
enum { WORDS_MIN = 4, WORDS_MAX = 128 };  // of 8 bytes, per stream and round

static uint32_t table[8][256];
// x^(64 n - 33) modulo the polynomial, for n words: what is missing of x^64n when a product of two reflected remainders
// (one place off) goes through the instruction (x^32).
static uint32_t over_words[2 * WORDS_MAX + 1];

__attribute__((constructor)) static void fill_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    table[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++) table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
  uint32_t power = 1;  // x^31
  for (int words = 1; words <= 2 * WORDS_MAX; words++) {
    over_words[words] = power;
    for (int k = 0; k < 64; k++) power = power & 1 ? power >> 1 ^ POLYNOMIAL : power >> 1;
  }
}

static inline uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

// `crc` is the inner (inverted) state in this function and the next.
static uint32_t by_table(uint32_t crc, const uint8_t *p, size_t n) {
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t v = load64(p) ^ crc;
    crc = table[7][v & 255] ^ table[6][v >> 8 & 255] ^ table[5][v >> 16 & 255] ^ table[4][v >> 24 & 255] ^
          table[3][v >> 32 & 255] ^ table[2][v >> 40 & 255] ^ table[1][v >> 48 & 255] ^ table[0][v >> 56];
  }
  for (; n > 0; p++, n--) crc = crc >> 8 ^ table[0][(crc ^ *p) & 255];
  return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define HARDWARE __attribute__((target("sse4.2,pclmul")))
#define STEP64(crc, v) ((uint32_t)_mm_crc32_u64((crc), (v)))
#define STEP32(crc, v) _mm_crc32_u32((crc), (v))
#define STEP8(crc, v) _mm_crc32_u8((crc), (v))
#define PRODUCT(a, b) \
  ((uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi32_si128((int)(a)), _mm_cvtsi32_si128((int)(b)), 0)))
static int hardware_present(void) { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"); }
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <arm_neon.h>
#include <sys/auxv.h>
#define HARDWARE __attribute__((target("+crc+aes")))
#define STEP64(crc, v) __crc32cd((crc), (v))
#define STEP32(crc, v) __crc32cw((crc), (v))
#define STEP8(crc, v) __crc32cb((crc), (v))
#define PRODUCT(a, b) ((uint64_t)vmull_p64((a), (b)))
static int hardware_present(void) {
  unsigned long wanted = 1 << 7 | 1 << 4;  // HWCAP_CRC32, HWCAP_PMULL
  return (getauxval(AT_HWCAP) & wanted) == wanted;
}
#endif

#ifdef HARDWARE
HARDWARE static uint32_t by_hardware(uint32_t crc, const uint8_t *p, size_t n) {
  while (n >= 3 * 8 * WORDS_MIN) {
    size_t words = n / (3 * 8) < WORDS_MAX ? n / (3 * 8) : WORDS_MAX;
    const uint8_t *second = p + 8 * words, *third = second + 8 * words;
    uint32_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < 8 * words; i += 8) {
      a = STEP64(a, load64(p + i));
      b = STEP64(b, load64(second + i));
      c = STEP64(c, load64(third + i));
    }
    crc = STEP64(0, PRODUCT(a, over_words[2 * words]) ^ PRODUCT(b, over_words[words])) ^ c;
    p += 3 * 8 * words;
    n -= 3 * 8 * words;
  }
  for (; n >= 8; p += 8, n -= 8) crc = STEP64(crc, load64(p));
  if (n >= 4) {
    uint32_t v;
    memcpy(&v, p, 4);
    crc = STEP32(crc, v);
    p += 4;
    n -= 4;
  }
  for (; n > 0; p++, n--) crc = STEP8(crc, *p);
  return crc;
}
static int use_hardware = -1;  // Set once to the same value by whoever comes first: a benign race.
#endif

uint32_t newsrpc_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  return ~by_table(~crc, bytes, count);
}

static uint32_t inner(uint32_t crc, const uint8_t *bytes, size_t count) {
#ifdef HARDWARE
  int hardware = __atomic_load_n(&use_hardware, __ATOMIC_RELAXED);
  if (hardware < 0) {
    hardware = hardware_present();
    __atomic_store_n(&use_hardware, hardware, __ATOMIC_RELAXED);
  }
  if (hardware) return by_hardware(crc, bytes, count);
#endif
  return by_table(crc, bytes, count);
}

uint32_t newsrpc_crc32c(uint32_t crc, const void *bytes, size_t count) { return ~inner(~crc, bytes, count); }

uint32_t newsrpc_crc32c_joined(uint32_t crc, const void *first, size_t first_count, const void *second,
                               size_t second_count) {
  return ~inner(inner(~crc, first, first_count), second, second_count);
}
