package main

import (
	"context"
	"path/filepath"
	"strings"
)

// measureTrackers has .ci/bench-tracker compare the embedded tracker with opentracker,
// and reports its table.
func (b *bench) measureTrackers(ctx context.Context, to *report) error {
	const name = "embedded tracker"
	if !strings.Contains(name, b.rows) {
		return nil
	}
	to.say("**Embedded tracker**: 1,000 swarms of 50 peers, the server on one core and the load, 64 announces at a time, on the other.")
	program := filepath.Join(b.dir, "bench-tracker")
	err := build(ctx, program, "./.ci/bench-tracker")
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, perRun)
		defer cancel()
		var p *process
		if p, err = start(limited, b.dir, program); err == nil {
			if err = p.wait(); err == nil {
				to.say("%s", strings.TrimSpace(p.out.String()))
			}
		}
	}
	if err != nil && ctx.Err() == nil {
		to.say("- %s: %s", name, oneLine(err.Error()))
	}
	return ctx.Err()
}
