package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"aloi.dev/refcloud/service"

	"github.com/miekg/dns"
)

func started(t *testing.T) (*Server, service.Description) {
	t.Helper()
	running, err := start(context.Background(), service.Env{Offer: "alize", Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-running.Failed(): // closed by the test
		default:
			running.Close()
		}
	})
	return running.(*Server), running.Describe()
}

// TestClean uses the endpoint as a browser and a resolver do, trusting nothing but
// what the offer says.
func TestClean(t *testing.T) {
	t.Parallel()
	s, d := started(t)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(d.TrustPEM) {
		t.Fatal("no authority")
	}
	for _, major := range []int{1, 2} {
		client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: s.pki.main}, ForceAttemptHTTP2: major == 2, DisableKeepAlives: true,
		}}
		res, err := client.Get("https://" + strings.TrimPrefix(d.Endpoint, "tls://") + "/")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || res.ProtoMajor != major || !bytes.Contains(body, []byte("Bonjour")) || len(res.TLS.OCSPResponse) == 0 {
			t.Errorf("%s %s %q", res.Status, res.Proto, body)
		}
	}
	c := &dns.Client{Net: "tcp"}
	m := new(dns.Msg)
	m.SetQuestion("www.alize.test.", dns.TypeA)
	r, _, err := c.Exchange(m, d.Hosts[0])
	if err != nil || len(r.Answer) != 1 || !r.Authoritative {
		t.Errorf("%v %v", r, err)
	}
}

// TestPlanted: every fault and variation can be made, and the endpoint outlives all.
func TestPlanted(t *testing.T) {
	t.Parallel()
	s, d := started(t)
	for _, f := range append(Faults(), Variations()...) {
		if f.Group == "" || !strings.HasSuffix(f.Text, ".") || f.Plant == nil {
			t.Errorf("%s: %+v", f.Name, f)
		}
		if err := s.plant(planOf(service.Set{Faults: []string{f.Name}, Variations: []string{f.Name}})); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	s.Switch(service.Set{})
	conn, err := tls.Dial("tcp", strings.TrimPrefix(d.Endpoint, "tls://"), &tls.Config{InsecureSkipVerify: true, ServerName: s.pki.main})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestClose cuts what is under way, and tells that it stopped.
func TestClose(t *testing.T) {
	t.Parallel()
	s, d := started(t)
	s.Switch(service.Set{Faults: []string{"tls.hang"}})
	done := make(chan error, 1)
	go func() {
		_, err := tls.Dial("tcp", strings.TrimPrefix(d.Endpoint, "tls://"), &tls.Config{InsecureSkipVerify: true})
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	s.Close()
	select {
	case <-s.Failed():
	case <-time.After(5 * time.Second):
		t.Error("it goes on")
	}
	if err := <-done; err == nil {
		t.Error("a handshake succeeded")
	}
}

func FuzzHello(f *testing.F) {
	f.Add([]byte("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, raw, err := readHello(bytes.NewReader(in))
		if !bytes.HasPrefix(in, raw) {
			t.Error("bytes that didn't come")
		}
		if err == nil && h == nil {
			t.Error("neither a hello nor an error")
		}
		if err == nil {
			h.newest()
			for _, fault := range Faults() {
				p := &plan{}
				fault.Plant(p)
				if p.edit != nil {
					p.edit(h)
				}
			}
		}
	})
}
