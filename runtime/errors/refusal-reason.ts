/** Why a circuit refused a call: it waits, it probes and has no free place, someone opened it by hand, or it ramps up after a recovery. */
export type RefusalReason = 'open' | 'half_open' | 'forced_open' | 'ramp';
