package s3

import (
	"aloi.dev/internal/demonstrator/catalogue"
	"context"
	"github.com/aws/aws-sdk-go-v2/aws"
	awssigner "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"net/http"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe/probetest"
	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestLoads: every answer of each operation is the right one, and nothing is left; a
// fast wrong answer is a failure, of its kind.
func TestLoads(t *testing.T) {
	t.Parallel()
	b := loadtest.Start(t, Suite)
	b.Right(t, 100)
	for _, c := range []struct {
		operation, fault string
		kind             load.Kind
	}{
		{"get-4k", "s3.block-end-lost", load.Wrong},
		{"get-4k", "s3.slow-down", load.Throttled},
		{"get-4k", "s3.garbage", load.Malformed},
		{"stat-4k", "s3.head-without-length", load.Wrong},
		{"stat-4k", "s3.etag-unquoted", load.Wrong},
		{"put-4k", "s3.slow-down", load.Throttled},
	} {
		b.Fails(t, c.operation, 100, c.fault, c.kind)
	}
}

// TestLoads_Varied: a list is right however the standards let it be written.
func TestLoads_Varied(t *testing.T) {
	t.Parallel()
	b := loadtest.Start(t, Suite)
	for _, v := range probetest.Variations(t, Suite.ID) {
		b.Cloud.Plant(t, "alize", nil, []string{v.Name})
		if total := b.Run(t, "list", 20, nil).Total(); total.Requests != 20 || total.Failed+total.Dropped > 0 {
			t.Errorf("%s: %+v", v.Name, total)
		}
	}
}

// TestListed: other keys in the same number, another order, another size, and a list
// that is cut short, are wrong.
func TestListed(t *testing.T) {
	t.Parallel()
	row := func(key, size string) string {
		return "<Contents><Key>" + key + "</Key><Size>" + size + "</Size></Contents>"
	}
	w := &traffic{prefix: "/b", objects: []object{{path: "/b/r/000", body: []byte("ab")}, {path: "/b/r/001", body: []byte("abc")}}}
	for rows, want := range map[string]bool{
		row("r/000", "2") + row("r/001", "3"):                                     true,
		row("<![CDATA[r/000]]>", "2") + row("r&#x2F;001", "3"):                    true,
		row("r/000", "2") + row("r/000", "2"):                                     false,
		row("r/001", "3") + row("r/000", "2"):                                     false,
		row("r/000", "2") + row("r/001", "2"):                                     false,
		row("r/000", "2"):                                                         false,
		row("r/000", "2") + row("r/001", "3") + row("r/002", "3"):                 false,
		row("r/000", "2") + row("r/001", "3") + "<IsTruncated>true</IsTruncated>": false,
	} {
		if got := w.listed([]byte("<ListBucketResult>" + rows + "</ListBucketResult>")); got != want {
			t.Errorf("%s: %v", rows, got)
		}
	}
}

// TestBefore: in the mix nearly every deletion is of an object that was written, by a
// request that is over, and that nobody else deletes; alone, it has none.
func TestBefore(t *testing.T) {
	t.Parallel()
	w := &traffic{pick: mix, mixed: true}
	deletions, writes := 0, map[int64]bool{}
	for i := range int64(100_000) {
		if mix((&load.Op{Index: i}).Random()) != del {
			continue
		}
		deletions++
		at := w.before(i)
		if at < 0 {
			continue
		}
		if at > i-settled || at <= i-written || writes[at] || mix((&load.Op{Index: at}).Random()) != put {
			t.Fatalf("request %d deletes what %d has written", i, at)
		}
		writes[at] = true
	}
	if deletions < 9000 || 100*len(writes) < 97*deletions {
		t.Errorf("%d deletions, %d of what was written", deletions, len(writes))
	}
	if at := (&traffic{pick: verbs(del)}).before(5000); at >= 0 {
		t.Errorf("without writes: %d", at)
	}
}

// TestLoads_Denied: a secret that the service doesn't know shows before any load.
func TestLoads_Denied(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	ready, state, reason := loadtest.Open(t, cloud, Suite, strangers{cloud}).Ready(t.Context(), Suite.Load("get-4k"))
	if ready != nil || state != measure.Errored || reason.Cause != measure.Control {
		t.Errorf("%s: %+v", state, reason)
	}
}

// strangers have another secret key.
type strangers struct{ *probetest.Cloud }

func (s strangers) Resolve(ref catalogue.Ref) (string, error) {
	secret, err := s.Cloud.Resolve(ref)
	if strings.HasSuffix(string(ref), ".secret") {
		secret = "x" + secret
	}
	return secret, err
}

// TestSigner: our signature is the SDK's, to the letter.
func TestSigner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 23, 59, 59, 0, time.UTC)
	s := lineSigner{key: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "fr-ref-1", host: "s3.example:9000"}
	for _, r := range []struct{ method, path, query, payload string }{
		{http.MethodGet, "/bucket/r/001", "", unsigned},
		{http.MethodPut, "/bucket/w/000001", "", strings.Repeat("ab", 32)},
		{http.MethodGet, "/bucket", allRead, unsigned},
		{http.MethodDelete, "/", "", unsigned},
	} {
		for range 2 { // also after a day has passed
			req, err := http.NewRequest(r.method, "https://s3.example:9000"+r.path+"?"+r.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Amz-Content-Sha256", r.payload)
			signer := awssigner.NewSigner(func(o *awssigner.SignerOptions) { o.DisableURIPathEscaping = true })
			if err := signer.SignHTTP(context.Background(), aws.Credentials{AccessKeyID: s.key, SecretAccessKey: s.secret}, req, r.payload, "s3", s.region, at); err != nil {
				t.Fatal(err)
			}
			got := string(s.sign(nil, at, r.method, r.path, r.query, r.payload))
			for _, name := range []string{"X-Amz-Date", "Authorization"} {
				if want := name + ": " + req.Header.Get(name) + "\r\n"; !strings.Contains(got, want) {
					t.Errorf("%s %s: %s\nwant %s", r.method, r.path, got, want)
				}
			}
			at = at.Add(2 * time.Second)
		}
	}
}
