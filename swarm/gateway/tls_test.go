package gateway_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm/gateway"
)

// certificate writes a certificate for 127.0.0.1 and its key, and returns their
// files and what trusts them.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER), roots
}

func TestHTTPSServesTheSame(t *testing.T) {
	f := newFake()
	big := pattern(3 << 20)
	a := f.add('a', "big.js", big, nil)
	cert, key, roots := certificate(t)
	g, _ := run(t, f, func(c *gateway.Config) { c.TLSCert, c.TLSKey = cert, key })
	if !strings.HasPrefix(g.URL(), "https://127.0.0.1:") {
		t.Fatalf("URL %s", g.URL())
	}
	for _, http2 := range []bool{false, true} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
		resp, err := (&http.Client{Transport: transport}).Get(g.URL() + gateway.AssetURL(a))
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, resp); got != big || (resp.ProtoMajor == 2) != http2 {
			t.Errorf("%s: %d bytes", resp.Proto, len(got))
		}
		resp.Body.Close()
		transport.CloseIdleConnections()
	}
	old, err := tls.Dial("tcp", strings.TrimPrefix(g.URL(), "https://"), &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.0"}})
	if err != nil {
		t.Fatalf("a client of HTTP/1.0: %v", err)
	}
	defer old.Close()
	fmt.Fprintf(old, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", gateway.AssetURL(a))
	resp, err := http.ReadResponse(bufio.NewReader(old), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := body(t, resp); got != big {
		t.Errorf("HTTP/1.0: %d bytes", len(got))
	}
}
