/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit hash of a state. Not against adversaries; equal bytes hash alike
 * in every process of this byte order. Folded by 64 x 64 -> 128 bit
 * multiplications; the length goes in first.
 */
#ifndef SIM_EXPLORE_HASH_H
#define SIM_EXPLORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SIM_HASH_SEED 0x9e3779b97f4a7c15ull

static inline uint64_t sim_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t sim_hash_word(uint64_t hash, uint64_t word)
{
	return sim_hash_fold(hash ^ word ^ 0xe7037ed1a0b428dbull, 0x8ebc6af09c88c6e3ull);
}

static inline uint64_t sim_hash_load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Two chains side by side, because each waits for its multiplications. */
static inline uint64_t sim_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t a = sim_hash_word(hash, size), b = a ^ 0xa0761d6478bd642full, tail = 0;

	for (; size >= 32; size -= 32, at += 32) {
		a = sim_hash_fold(sim_hash_load(at) ^ a,
		                  sim_hash_load(at + 8) ^ 0x589965cc75374cc3ull);
		b = sim_hash_fold(sim_hash_load(at + 16) ^ b,
		                  sim_hash_load(at + 24) ^ 0x1d8e4e27c47d124full);
	}
	for (; size >= 8; size -= 8, at += 8)
		a = sim_hash_word(a, sim_hash_load(at));
	memcpy(&tail, at, size);
	return sim_hash_word(sim_hash_fold(a ^ tail, b ^ 0xeb44accab455d165ull), b);
}

#endif
