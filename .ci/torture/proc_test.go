package torture

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// statFields returns the numbers of /proc/PID/stat after the state, see proc(5).
func statFields(t testing.TB, pid int) []int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	var numbers []int64
	for _, f := range strings.Fields(rest) {
		n, _ := strconv.ParseInt(f, 10, 64)
		numbers = append(numbers, n)
	}
	return numbers
}

// descriptors returns how many files a process has open.
func descriptors(t testing.TB, pid int) int {
	t.Helper()
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// listening returns the TCP ports of IPv4 on which a process listens, see proc(5).
func listening(t testing.TB, pid int) []int {
	t.Helper()
	const listen = "0A" // TCP_LISTEN
	inodes := map[string]bool{}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		link, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name()))
		inodes[strings.TrimSuffix(strings.TrimPrefix(link, "socket:["), "]")] = true
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
	if err != nil {
		t.Fatal(err)
	}
	var ports []int
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) > 9 && f[3] == listen && inodes[f[9]] {
			port, _ := strconv.ParseInt(f[1][strings.Index(f[1], ":")+1:], 16, 32)
			ports = append(ports, int(port))
		}
	}
	return ports
}
