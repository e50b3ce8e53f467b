package app

import (
	"net"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// TestServicesGetTheirPortsBackAfterARestart has one service whose first port is taken.
func TestServicesGetTheirPortsBackAfterARestart(t *testing.T) {
	dir := t.TempDir()
	const first, free = 8413, 50123
	bind := func(taken ...int) func(string) (int, error) {
		return func(addr string) (int, error) {
			_, text, err := net.SplitHostPort(addr)
			if err != nil {
				return 0, err
			}
			port, err := strconv.Atoi(text)
			for _, p := range taken {
				if port == p {
					return 0, syscall.EADDRINUSE
				}
			}
			if port == 0 {
				port = free
			}
			return port, err
		}
	}
	p := loadPorts(dir)
	if err := p.listen("gateway", "", "127.0.0.1", first, bind(first)); err != nil {
		t.Fatal(err)
	}
	if err := p.save(); err != nil {
		t.Fatal(err)
	}
	var got int
	err := loadPorts(dir).listen("gateway", "", "127.0.0.1", first, func(addr string) (port int, err error) {
		got, err = bind()(addr)
		return got, err
	})
	if err != nil || got != free {
		t.Errorf("after a restart it listens on %d, want %d: %v", got, free, err)
	}
	p = loadPorts(filepath.Join(dir, "gone"))
	if err := p.save(); err != nil {
		t.Errorf("with nothing to remember: %v", err)
	}
	if err := p.listen("gateway", "", "127.0.0.1", first, bind()); err != nil {
		t.Fatal(err)
	}
	if err := p.save(); err == nil {
		t.Error("the ports were kept in a folder that is not there")
	}
}
