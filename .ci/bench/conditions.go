package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// asked is how each program tells its version.
var asked = [][]string{
	{python, "-c", "import libtorrent; print('libtorrent', libtorrent.version)"},
	{"aria2c", "--version"},
	{"rtorrent", "-h"},
	{"transmission-daemon", "--version"},
	{"nginx", "-v"},
	{"btop", "--version"},
	{"htop", "--version"},
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// conditions says when, where and against what is measured.
func conditions() string {
	var versions []string
	for _, command := range asked {
		name := strings.TrimSuffix(command[0], "-daemon")
		if command[0] == python {
			name = "libtorrent"
		}
		version := "missing"
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if found := versionNumber.Find(out); found != nil {
			version = string(found)
		} else if err == nil {
			version = "of a version it does not tell"
		}
		versions = append(versions, name+" "+version)
	}
	return fmt.Sprintf("%s, %d cores of %s, Linux %s, %s, load average %s at the start, everything on loopback, beside %s.",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), cpuModel(), firstField("/proc/sys/kernel/osrelease"),
		runtime.Version(), firstField("/proc/loadavg"), strings.Join(versions, ", "))
}

// cpuModel is the processor's name for itself.
func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if label, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(label) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "an unknown processor"
}

// firstField is the first word of a file of /proc, – if it cannot be read.
func firstField(path string) string {
	text, _ := os.ReadFile(path)
	if f := strings.Fields(string(text)); len(f) > 0 {
		return f[0]
	}
	return "–"
}
