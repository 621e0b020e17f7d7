/* SPDX-License-Identifier: MIT */
/*
 * subject_fiber_switch: rdi is where to save, rsi what to load, rcx where to go on when resumed.
 *
 * Neither called nor left by ret: the processor's return stack stays level, and what it remembers
 * of the brain's frames stays true (facts concurrency.md section 4). See internal.h.
 */
	.text
	.globl	subject_fiber_call
	.hidden	subject_fiber_call
	.type	subject_fiber_call, @function
subject_fiber_call:
	popq	%rcx
	.size	subject_fiber_call, . - subject_fiber_call
	.globl	subject_fiber_switch
	.hidden	subject_fiber_switch
	.type	subject_fiber_switch, @function
subject_fiber_switch:
	pushq	%rcx
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rcx
	jmp	*%rcx
	.size	subject_fiber_switch, . - subject_fiber_switch
	.section .note.GNU-stack, "", %progbits
