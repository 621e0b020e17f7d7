/* SPDX-License-Identifier: MIT */
/*
 * Linearizability, checked while a run goes on. An object has a sequential
 * specification: of a state and an operation, the ways in which it can take
 * effect, each with a next state and an answer. Operations overlap; each takes
 * effect at one moment (or in phases, at several) between its begin and its end.
 *
 *   sim_linear_begin()  the operation is under way
 *   sim_linear_show()   what it does is visible already, its answer is to come
 *   sim_linear_end()    it has answered: some order of the operations that were
 *                       under way must explain just this answer
 *
 * An object's configurations are all that may be true after what has been
 * answered so far: a state, and of each operation under way how far it has got.
 * An operation takes effect no earlier than an answer forces it to, and a
 * configuration that another one can still turn into is left out, so there are few,
 * and the same situation is the same bytes. Operations that have ended leave no
 * trace.
 *
 * Objects are independent of each other, so their configurations do not
 * multiply (locality of linearizability). All configurations share one pool.
 *
 * Memory is flat, struct sim_linear, and saved as far as it is used; nothing is
 * allocated. An object with no configurations is not judged any more: its begin
 * and end do nothing.
 *
 * Source: facts concurrency.md section 5, target 7.
 */
#ifndef SIM_MODEL_LINEAR_H
#define SIM_MODEL_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits. Reaching one is a SIM_LINEAR_FULL_, never a wrong verdict. */
#define SIM_LINEAR_OBJECTS 12u
#define SIM_LINEAR_WORDS   10u    /* of the state of an object */
#define SIM_LINEAR_OPS     8u     /* under way at one object */
#define SIM_LINEAR_CONFIGS 2048u  /* of all objects, between two operations */
#define SIM_LINEAR_WAYS    4u     /* of one operation in one state */
#define SIM_LINEAR_SEARCH  16384u /* configurations looked at for one answer; a power of two */

/* An operation under way. One context has one at an object at most. */
struct sim_linear_op {
	uint8_t kind; /* the specification's; not 0 */
	uint8_t context;
};

#define SIM_LINEAR_DONE 255u

/* How far an operation has got. What the specification does not use is 0. */
struct sim_linear_answer {
	uint64_t value;
	int32_t code;
	uint8_t phase; /* 0: nothing has happened; SIM_LINEAR_DONE: it has taken effect */
	uint8_t note;
	uint16_t reserved;
};

/* Answers in the order of the object's operations, 0 behind them. */
struct sim_linear_config {
	uint64_t state[SIM_LINEAR_WORDS];
	struct sim_linear_answer answer[SIM_LINEAR_OPS];
};

/* One way on from a configuration. */
struct sim_linear_way {
	uint64_t state[SIM_LINEAR_WORDS];
	struct sim_linear_answer answer;
};

#define SIM_LINEAR_NO_ROOM UINT32_MAX

struct sim_linear_spec {
	/*
	 * The next phase of the operation: fills at most SIM_LINEAR_WAYS ways and answers how many.
	 * None: it cannot take effect now. SIM_LINEAR_NO_ROOM: the state cannot hold it. state and
	 * answer of each way are what they were, to be changed. A pure function of its arguments
	 * and of what user tells of the operation while it is under way.
	 */
	unsigned (*ways)(const void *user, unsigned object, struct sim_linear_op op,
	                 struct sim_linear_way *ways);
	/* Whether what was seen of an operation that is under way leaves room for this answer. */
	bool (*possible)(const void *user, unsigned object, struct sim_linear_op op,
	                 const struct sim_linear_answer *answer);
	/* Whether this is what was observed of the operation that has ended. */
	bool (*fits)(const void *user, unsigned object, struct sim_linear_op op,
	             const struct sim_linear_answer *answer);
};

struct sim_linear_object {
	uint16_t config_count; /* 0: not judged */
	uint8_t op_count;
	struct sim_linear_op ops[SIM_LINEAR_OPS]; /* by context */
};

/* The configurations of object 0, then those of object 1...; what is behind them is not used. */
struct sim_linear {
	struct sim_linear_object objects[SIM_LINEAR_OBJECTS];
	struct sim_linear_config configs[SIM_LINEAR_CONFIGS];
};

enum sim_linear_result {
	SIM_LINEAR_EXPLAINED,
	SIM_LINEAR_REFUTED, /* by no order; nothing has changed */
	/* a limit was reached; nothing has changed */
	SIM_LINEAR_FULL_OPS,
	SIM_LINEAR_FULL_CONFIGS,
	SIM_LINEAR_FULL_SEARCH,
	SIM_LINEAR_FULL_STATE, /* the specification's own: SIM_LINEAR_NO_ROOM */
};

/* No object is judged. */
void sim_linear_clear(struct sim_linear *linear);

/* To bytes and back; answers how many, at most sizeof(struct sim_linear). Equal situations are
 * equal bytes. */
size_t sim_linear_save(const struct sim_linear *linear, uint8_t *bytes);
size_t sim_linear_load(struct sim_linear *linear, const uint8_t *bytes);

/* From now on the object is judged; its state is all 0. */
void sim_linear_open(struct sim_linear *linear, unsigned object);

/* It is not judged any more. */
void sim_linear_give_up(struct sim_linear *linear, unsigned object);

enum sim_linear_result sim_linear_begin(struct sim_linear *linear, unsigned object,
                                        struct sim_linear_op op);

/* Of the context's operation at the object; EXPLAINED if it has none. */
enum sim_linear_result sim_linear_end(struct sim_linear *linear, unsigned object, unsigned context,
                                      const struct sim_linear_spec *spec, const void *user);

/* Something was seen of the context's operation that can only come after it took effect. */
enum sim_linear_result sim_linear_show(struct sim_linear *linear, unsigned object, unsigned context,
                                       const struct sim_linear_spec *spec, const void *user);

/* What may be true now. */
const struct sim_linear_config *sim_linear_configs(const struct sim_linear *linear, unsigned object,
                                                   unsigned *ret_count);

/* For messages: one order of operations that ends with the context's, from one configuration. */
struct sim_linear_order {
	unsigned config;
	unsigned length;
	struct sim_linear_op ops[SIM_LINEAR_OPS];
	struct sim_linear_answer answers[SIM_LINEAR_OPS];
};

/*
 * Tells the orders in which the context's operation, which has not ended, can come to an answer, as
 * long as tell() answers true; an operation that took effect earlier is an order of length 1. A
 * phase that is not the last has no entry.
 */
void sim_linear_orders(const struct sim_linear *linear, unsigned object, unsigned context,
                       const struct sim_linear_spec *spec, const void *user,
                       bool (*tell)(void *teller, const struct sim_linear_order *order),
                       void *teller);

/* Tells each answer that the operation can come to, in any of those orders, at least once. */
void sim_linear_answers(const struct sim_linear *linear, unsigned object, unsigned context,
                        const struct sim_linear_spec *spec, const void *user,
                        void (*tell)(void *teller, struct sim_linear_op op,
                                     const struct sim_linear_answer *answer),
                        void *teller);

#endif
