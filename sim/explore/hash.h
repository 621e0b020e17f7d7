/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit hash of a state. Not against adversaries; equal bytes hash alike
 * in every process of this byte order. Eight bytes a round, folded by a
 * 64 x 64 -> 128 bit multiplication; the length goes in first.
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

static inline uint64_t sim_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t a, b;

	hash = sim_hash_word(hash, size);
	for (; size >= 16; size -= 16, at += 16) {
		memcpy(&a, at, 8);
		memcpy(&b, at + 8, 8);
		hash = sim_hash_fold(hash ^ a, b ^ 0x589965cc75374cc3ull) ^ a;
	}
	for (; size >= 8; size -= 8, at += 8) {
		memcpy(&a, at, 8);
		hash = sim_hash_word(hash, a);
	}
	if (size) {
		a = 0;
		memcpy(&a, at, size);
		hash = sim_hash_word(hash, a);
	}
	return hash;
}

#endif
