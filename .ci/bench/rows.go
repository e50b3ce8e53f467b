package main

import "time"

// groups lists what is measured, in the order of the tables. The times of all rows
// together are what the whole may take.
func (b *bench) groups() []group {
	return []group{
		{"**Join and complete**: from nothing until all is here and checked, from one seeder through one tracker. " +
			"Of memory, files that a program maps count.", b.joinRows()},
		{"**First byte of a cold asset** that one seeder has, known to the tracker: the running program is told of it; " +
			"swarmtop answers over HTTP, the library to its own reader. The median and the slowest of the assets of a run.", b.coldRows()},
		{"**Start on what is complete**, until all is there to be seeded; then the memory at rest, of swarmtop with its screen and its " +
			"guard. A page that two processes share counts once (PSS), pages of a program's own file count as far as they are mapped. " +
			"All check the hashes but transmission.", b.startRows()},
		{"**Gateway**: one finished asset from memory, nginx beside it from the file system's cache; the server on one core, " +
			"wrk on the other with 64 kept connections; more requests are better.", b.gatewayRows()},
		{"**Screen**, 200×60.", b.screenRows()},
	}
}

// perRun ends a run of one of the short rows that would never end.
const perRun = 60 * time.Second

// What is measured.
var (
	wall     = measure{unit: "s"}
	cpu      = measure{unit: "CPU-s"}
	most     = measure{unit: "MB at most"}
	resident = measure{unit: "MB at rest"}
	millis   = measure{unit: "ms"}
)
