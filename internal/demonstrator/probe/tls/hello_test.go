package tls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	stdtls "crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// pair is a certificate that nobody trusts.
func pair(t testing.TB) stdtls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"www.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return stdtls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// exchanged shows bytes to a server of the library, and returns what it understood
// and what came back.
func exchanged(t *testing.T, out []byte, config *stdtls.Config) (*stdtls.ClientHelloInfo, answer) {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	heard := make(chan *stdtls.ClientHelloInfo, 1)
	config.Certificates = []stdtls.Certificate{pair(t)}
	config.GetConfigForClient = func(h *stdtls.ClientHelloInfo) (*stdtls.Config, error) {
		heard <- h
		return nil, nil
	}
	go func() {
		_ = stdtls.Server(server, config).Handshake()
		server.Close()
		close(heard)
	}()
	go func() { _, _ = client.Write(out) }()
	a, err := readAnswer(client, true)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	return <-heard, a
}

func TestHello_Understood(t *testing.T) {
	t.Parallel()
	h := newHello(hello{
		version: tls12, versions: []uint16{0x7a7a, tls13, tls12}, suites: []uint16{0x3a3a, 0x1301, 0xc02b}, serverName: "www.test",
		groups: []uint16{29, 23}, signatures: signatures, protocols: []string{"h2", "http/1.1"}, shares: []share{{29, basePoint()}},
		more: []extension{{0x6a6a, []byte{1, 2}}},
	})
	heard, a := exchanged(t, h.framed(), &stdtls.Config{NextProtos: []string{"h2"}})
	if heard == nil || heard.ServerName != "www.test" || !slices.Equal(heard.CipherSuites, h.suites) || !slices.Equal(heard.SupportedVersions, h.versions) ||
		!slices.Equal(heard.SupportedProtos, h.protocols) || !slices.Contains(heard.Extensions, 0x6a6a) || len(heard.SignatureSchemes) != len(signatures) {
		t.Errorf("the server heard %+v", heard)
	}
	if a.hello == nil || a.hello.version != tls13 || a.hello.suite != 0x1301 || a.hello.group != 29 || a.hello.retry {
		t.Errorf("%s", a)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	old := hello{version: tls12, suites: []uint16{0xc02b}, groups: []uint16{29}, signatures: signatures, more: []extension{{extExtendedSecret, nil}}}
	for name, c := range map[string]struct {
		change func(*hello)
		config *stdtls.Config
		want   string
	}{
		"tls 1.2":      {func(*hello) {}, &stdtls.Config{}, "a ServerHello of TLS 1.2 with ECDHE_ECDSA_AES_128_GCM_SHA256"},
		"no suite":     {func(h *hello) { h.suites = []uint16{0x0005} }, &stdtls.Config{}, "the alert handshake_failure"},
		"too old":      {func(h *hello) { h.version = tls10 }, &stdtls.Config{}, "the alert protocol_version"},
		"retry":        {func(h *hello) { h.versions, h.suites, h.noShares = []uint16{tls13}, []uint16{0x1301}, true }, &stdtls.Config{}, "a HelloRetryRequest for group x25519"},
		"no protocol":  {func(h *hello) { h.protocols = []string{"x"} }, &stdtls.Config{NextProtos: []string{"h2"}}, "the alert no_application_protocol"},
		"only tls 1.3": {func(*hello) {}, &stdtls.Config{MinVersion: tls13}, "the alert protocol_version"},
	} {
		h := newHello(old)
		c.change(h)
		_, a := exchanged(t, h.framed(), c.config)
		if a.String() != c.want {
			t.Errorf("%s: %s, want %s", name, a, c.want)
		}
		x, ok := a.keyExchange()
		if name == "tls 1.2" && (!ok || x.curve != 29 || x.scheme != 0x0403 || len(a.messages) != 3) {
			t.Errorf("%s: %+v %v %s", name, x, ok, describe(a.messages))
		}
	}
}

func TestAnswer_Strange(t *testing.T) {
	t.Parallel()
	flood := bytes.Repeat([]byte{recordAlert, 3, 3, 0, 2, 1, 112}, 1000)
	huge := record(recordHandshake, tls12, []byte{messageServerHello, 0xff, 0xff, 0xff})
	for name, c := range map[string]struct {
		in      string
		refused bool
		want    string
	}{
		"nothing":           {"", true, "a closed connection"},
		"cut in a head":     {"\x16\x03", true, "a closed connection"},
		"http":              {"HTTP/1.1 400 Bad Request\r\n\r\n", false, `bytes that are not TLS ("HTTP/")`},
		"short text":        {"no", false, `bytes that are not TLS ("no")`},
		"ssl 2":             {"\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x00", false, `bytes that are not TLS ("\x80\v\x04\x00\x01")`},
		"data in clear":     {"\x17\x03\x03\x00\x02hi", false, "a record of type 23 with 2 bytes"},
		"empty record":      {"\x16\x03\x03\x00\x00", false, "a record of type 22 with 0 bytes"},
		"a request":         {"\x16\x03\x03\x00\x04\x00\x00\x00\x00", false, "a handshake message of type 0 that is no ServerHello"},
		"warnings for ever": {string(flood), true, "the alert unrecognized_name"},
		"huge message":      {string(huge), false, "a handshake message of more than 262144 bytes"},
		"huge record":       {"\x16\x03\x03\xff\xff", false, `bytes that are not TLS ("\x16\x03\x03\xff\xff")`},
	} {
		a, err := readAnswer(strings.NewReader(c.in), true)
		if err != nil || a.refused() != c.refused || a.String() != c.want {
			t.Errorf("%s: %s, refused %v, %v", name, a, a.refused(), err)
		}
	}
}

// TestAnswer_Broken: an end that we made ourselves, or a wait, refuses nothing.
func TestAnswer_Broken(t *testing.T) {
	t.Parallel()
	for _, broken := range []error{net.ErrClosed, &net.OpError{Op: "read", Err: timeout{}}, errors.New("cap reached")} {
		if a, err := readAnswer(io.MultiReader(strings.NewReader("\x16"), failing{broken}), false); err == nil || a.refused() {
			t.Errorf("%v: %s, %v", broken, a, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// TestWatched cuts a stream in reads of every size: the last record stays the same.
func TestWatched(t *testing.T) {
	t.Parallel()
	stream := slices.Concat(record(22, tls12, make([]byte, 300)), record(23, tls12, make([]byte, 700)), record(21, tls12, make([]byte, 26)))
	for size := 1; size < len(stream); size += 7 {
		client, server := net.Pipe()
		go func() {
			_, _ = server.Write(stream)
			server.Close()
		}()
		w := &watched{Conn: client}
		for buffer := make([]byte, size); ; {
			if _, err := w.Read(buffer); err != nil {
				break
			}
		}
		if !w.announced() || w.head[0] != recordAlert {
			t.Fatalf("reads of %d bytes: the last head is %x", size, w.head)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("\x15\x03\x03\x00\x02\x02\x28"))
	f.Add(record(recordHandshake, tls12, []byte{2, 0, 0, 38, 3, 3, 31: 0, 41: 0}))
	f.Add(slices.Concat(record(recordHandshake, tls12, []byte{2, 0, 0, 38, 3, 3, 41: 0}), record(recordHandshake, tls12, []byte{12, 0, 0, 4, 3, 0, 29, 0, 14, 0, 0, 0})))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := readAnswer(bytes.NewReader(in), true)
		if err != nil {
			t.Fatalf("bytes alone gave %v", err)
		}
		if a.refused() && a.hello != nil || a.String() == "" || len(a.messages) > mostMessages {
			t.Errorf("%+v", a)
		}
		a.keyExchange()
	})
}

func FuzzServerHello(f *testing.F) {
	f.Add([]byte("\x03\x03" + strings.Repeat("r", 32) + "\x00\xc0\x2b\x00\x00\x05\xff\x01\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, ok := parseServerHello(in)
		if !ok {
			return
		}
		if len(h.random) != 32 {
			t.Errorf("%+v", h)
		}
		for _, x := range h.extensions {
			if got, found := h.find(x.kind); !found || !bytes.Equal(got, x.data) {
				t.Errorf("extension %d", x.kind)
			}
		}
	})
}
