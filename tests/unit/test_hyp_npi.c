/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor mediator: the interrupt that tells a VM of its notifications,
 * while vCPUs come and go. vm1 receives, vm2 sends.
 */
#include "tests/unit/test_hyp_fake.h"

static void start_bound(uint32_t bits)
{
	fake_start(true);
	fake_vm_at(1, FFA_VERSION_1_2);
	fake_vm_at(2, FFA_VERSION_1_2);
	assert_status(fake_bind(1, 2, bits), FFA_OK);
}

/* A GET of everything but the VM bitmap. */
static void get_others(void)
{
	struct ffa_regs answer = fake_call(1, FFA_NOTIFICATION_GET_32, 1, 0xd, 0, 0);

	assert_status(fake_status(&answer), FFA_OK);
}

static void expect_npi(size_t index, uint16_t vm, uint16_t vcpu)
{
	assert_true(index < fake.injection_count);
	assert_eq_int(fake.injections[index].vm, vm);
	assert_eq_int(fake.injections[index].vcpu, vcpu);
	assert_eq_u64(fake.injections[index].intid, 8);
}

TEST(hyp_npi, one_until_get)
{
	start_bound(0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 1);
	expect_npi(0, 1, 0);
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 1);
	assert_eq_u64(fake_get(1), 0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 2);
	fake_finish();
}

/* A VM that never asks for the bits of VMs must not switch off its NPIs for ever. */
TEST(hyp_npi, after_get_that_left_something)
{
	start_bound(0x3);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	get_others();
	assert_eq_int(fake.injection_count, 1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 2);
	fake_finish();
}

TEST(hyp_npi, to_first_vcpu_on_line)
{
	start_bound(0x1);
	fake_vcpu(1, 0, false);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 1);
	expect_npi(0, 1, 1);
	fake_finish();
}

TEST(hyp_npi, waits_for_a_vcpu)
{
	start_bound(0x1);
	fake_vcpu(1, 0, false);
	fake_vcpu(1, 1, false);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 0);
	fake_vcpu(1, 1, true);
	assert_eq_int(fake.injection_count, 1);
	expect_npi(0, 1, 1);
	assert_eq_u64(fake_get(1), 0x1);
	fake_finish();
}

/* Whoever comes on line is told, for the one that was told before may never look. */
TEST(hyp_npi, for_every_vcpu_that_comes)
{
	start_bound(0x1);
	fake_vcpu(1, 1, false);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	expect_npi(0, 1, 0);
	fake_vcpu(1, 1, true);
	assert_eq_int(fake.injection_count, 2);
	expect_npi(1, 1, 1);
	fake_finish();
}

TEST(hyp_npi, moves_when_its_vcpu_goes)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	fake_vcpu(1, 0, false);
	assert_eq_int(fake.injection_count, 2);
	expect_npi(1, 1, 1);
	fake_finish();
}

TEST(hyp_npi, is_raised_again_after_the_last_vcpu_went)
{
	start_bound(0x3);
	fake_vcpu(1, 1, false);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	fake_vcpu(1, 0, false);
	assert_eq_int(fake.injection_count, 1);
	fake.handles[1].online[1] = true; /* its vcpu_on entry is still to come */
	assert_status(fake_set(2, 1, 0x2), FFA_OK);
	assert_eq_int(fake.injection_count, 2);
	expect_npi(1, 1, 1);
	fake_finish();
}

TEST(hyp_npi, none_without_something_pending)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_u64(fake_get(1), 0x1);
	fake_vcpu(1, 0, false);
	fake_vcpu(1, 0, true);
	assert_eq_int(fake.injection_count, 1);
	fake_finish();
}

TEST(hyp_npi, ignores_vcpu_that_does_not_exist)
{
	start_bound(0x1);
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	hyp_vcpu_on(fake.vms[1], FAKE_VCPUS);
	assert_eq_int(fake.injection_count, 1);
	fake_finish();
}

/* The window between the question and the injection: vCPU 0 goes off line in it. */

static void vcpu0_goes(struct platform_vm *vm, uint16_t vcpu)
{
	fake.before_inject = NULL;
	vm->online[vcpu] = false;
}

TEST(hyp_npi, reported_loss_goes_to_the_next_vcpu)
{
	start_bound(0x1);
	fake.before_inject = vcpu0_goes;
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 2);
	expect_npi(1, 1, 1);
	fake_finish();
}

TEST(hyp_npi, silent_loss_is_made_good_when_the_vcpu_has_gone)
{
	start_bound(0x1);
	fake.silent = true;
	fake.before_inject = vcpu0_goes;
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	assert_eq_int(fake.injection_count, 1);
	assert_false(fake.handles[1].told[0]);
	hyp_vcpu_off(fake.vms[1], 0);
	assert_true(fake.handles[1].told[1]);
	fake_finish();
}

TEST(hyp_npi, silent_loss_is_made_good_when_the_vcpu_is_back)
{
	start_bound(0x1);
	fake.silent = true;
	fake_vcpu(1, 1, false);
	fake.before_inject = vcpu0_goes;
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	hyp_vcpu_off(fake.vms[1], 0);
	assert_eq_int(fake.injection_count, 1);
	fake_vcpu(1, 0, true);
	assert_true(fake.handles[1].told[0]);
	fake_finish();
}

/*
 * Every sequence of a few steps, with both kinds of injection service: whenever
 * no vCPU entry is outstanding, something pending and a vCPU on line imply that
 * a vCPU on line took an NPI after the last GET that left nothing pending.
 */

enum step {
	STEP_SET,
	STEP_SET_IN_WINDOW,
	STEP_GET,
	STEP_GET_OTHERS,
	STEP_VCPU0,
	STEP_VCPU1,
	STEPS
};

#define DEPTH 6

struct walk {
	bool pending;
	bool outstanding[FAKE_VCPUS]; /* the vCPU has changed, its entry was not called yet */
};

static struct walk walk;

static void vcpu_goes_in_window(struct platform_vm *vm, uint16_t vcpu)
{
	fake.before_inject = NULL;
	if (walk.outstanding[vcpu])
		return;
	vm->online[vcpu] = false;
	vm->told[vcpu] = false;
	walk.outstanding[vcpu] = true;
}

/* First the change itself, then, as a step of its own, the entry. */
static void step_vcpu(uint16_t vcpu)
{
	struct platform_vm *handle = &fake.handles[1];

	if (!walk.outstanding[vcpu]) {
		handle->online[vcpu] = !handle->online[vcpu];
		handle->told[vcpu] = false;
		walk.outstanding[vcpu] = true;
		return;
	}
	walk.outstanding[vcpu] = false;
	if (handle->online[vcpu])
		hyp_vcpu_on(fake.vms[1], vcpu);
	else
		hyp_vcpu_off(fake.vms[1], vcpu);
}

static void step_set(bool in_window)
{
	fake.before_inject = in_window ? vcpu_goes_in_window : NULL;
	assert_status(fake_set(2, 1, 0x1), FFA_OK);
	fake.before_inject = NULL;
	walk.pending = true;
}

static void step_get(void)
{
	assert_eq_u64(fake_get(1), walk.pending ? 0x1 : 0);
	walk.pending = false;
	for (size_t i = 0; i < FAKE_VCPUS; i++)
		fake.handles[1].told[i] = false;
}

static void take_step(enum step step)
{
	switch (step) {
	case STEP_SET:
	case STEP_SET_IN_WINDOW:
		step_set(step == STEP_SET_IN_WINDOW);
		break;
	case STEP_GET:
		step_get();
		break;
	case STEP_GET_OTHERS:
		get_others();
		break;
	default:
		step_vcpu(step == STEP_VCPU1);
		break;
	}
}

static bool is_woken(void)
{
	const struct platform_vm *handle = &fake.handles[1];

	if (!walk.pending || walk.outstanding[0] || walk.outstanding[1])
		return true;
	if (!handle->online[0] && !handle->online[1])
		return true;
	return (handle->online[0] && handle->told[0]) || (handle->online[1] && handle->told[1]);
}

static void expect_invariants(uint32_t sequence)
{
	const struct hyp_notif *notif = &fake.vms[1]->notif;

	if (!is_woken())
		fail_test("vm1 was not woken, sequence %u in base %d", sequence, STEPS);
	assert_true(!notif->armed || notif->pending != 0);
	assert_true(!notif->news || notif->pending != 0);
}

static void back_to_start(void)
{
	for (uint16_t vcpu = 0; vcpu < FAKE_VCPUS; vcpu++) {
		if (walk.outstanding[vcpu])
			step_vcpu(vcpu);
		if (!fake.handles[1].online[vcpu])
			fake_vcpu(1, vcpu, true);
	}
	step_get();
}

static void walk_all(bool silent)
{
	uint32_t sequences = 1;

	for (int i = 0; i < DEPTH; i++)
		sequences *= STEPS;
	start_bound(0x1);
	walk = (struct walk){0};
	fake.silent = silent;
	for (uint32_t sequence = 0; sequence < sequences; sequence++) {
		uint32_t rest = sequence;

		for (int i = 0; i < DEPTH; i++, rest /= STEPS) {
			take_step((enum step)(rest % STEPS));
			expect_invariants(sequence);
		}
		back_to_start();
	}
	fake_finish();
}

TEST(hyp_npi, every_sequence_with_a_service_that_reports)
{
	walk_all(false);
}

TEST(hyp_npi, every_sequence_with_a_silent_service)
{
	walk_all(true);
}
