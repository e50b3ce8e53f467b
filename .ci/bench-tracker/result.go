package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// result holds the runs of one tracker in one way.
type result struct {
	rates []float64 // announces a second
	mid   []time.Duration
	late  []time.Duration
	spent []time.Duration // by the server, for an announce
}

// add takes a run: how long each announce took, the run, and the server's cores.
func (r *result) add(took []time.Duration, run, cpu time.Duration) {
	if len(took) == 0 {
		took = []time.Duration{run}
	}
	slices.Sort(took)
	r.rates = append(r.rates, float64(len(took))/run.Seconds())
	r.mid = append(r.mid, took[len(took)/2])
	r.late = append(r.late, took[len(took)*99/100])
	r.spent = append(r.spent, cpu/time.Duration(len(took)))
}

func (r result) rate() float64      { return median(r.rates) }
func (r result) p99() time.Duration { return median(r.late) }
func (r result) cpu() time.Duration { return median(r.spent) }

func (r result) String() string {
	round := func(d time.Duration) time.Duration { return d.Round(10 * time.Nanosecond) }
	return fmt.Sprintf("%.0f | %.0f – %.0f | %v | %v | %v", r.rate(), slices.Min(r.rates), slices.Max(r.rates),
		round(median(r.mid)), round(r.p99()), round(r.cpu()))
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
