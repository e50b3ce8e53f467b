package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var (
	wrkRate = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkLate = regexp.MustCompile(`99%\s+([\d.]+)(us|ms|s)`)
	wrkBad  = regexp.MustCompile(`(?m)^\s*(Non-2xx.*|Socket errors.*)$`)
)

// wrk asks for one URL over 64 kept connections for a time, and returns the requests a
// second and the 99th percentile of their times in milliseconds.
func wrk(ctx context.Context, url string, length time.Duration) ([]float64, error) {
	p, err := start(ctx, "/", "taskset", "-c", loadCore, "wrk", "-t1", "-c64", fmt.Sprintf("-d%ds", int(length.Seconds())), "--latency", url)
	if err != nil {
		return nil, err
	}
	if err := p.wait(); err != nil {
		return nil, err
	}
	out := p.out.Bytes()
	if bad := wrkBad.Find(out); bad != nil {
		return nil, fmt.Errorf("wrk: %s", bad)
	}
	rate, late := wrkRate.FindSubmatch(out), wrkLate.FindSubmatch(out)
	if rate == nil || late == nil {
		return nil, fmt.Errorf("wrk said %q", out)
	}
	perSecond, err := strconv.ParseFloat(string(rate[1]), 64)
	if err != nil {
		return nil, err
	}
	p99, err := time.ParseDuration(string(late[1]) + string(late[2]))
	return []float64{perSecond, float64(p99.Microseconds()) / 1000}, err
}
