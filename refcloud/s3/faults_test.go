package s3_test

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"aloi.dev/refcloud/cloudtest"
	"aloi.dev/refcloud/s3"
	"aloi.dev/refcloud/service"
)

// stage is a bucket with one object, on an offer that may be disturbed.
type stage struct {
	cloudtest.Account
	bucket string // "/name"
	object string // "/name/object"
	body   string
}

func newStage(t *testing.T, o cloudtest.Offer) stage {
	a := o.Account(t, "main")
	s := stage{Account: a, bucket: "/" + newBucket(t, a), body: strings.Repeat("0123456789", 1000)}
	s.object = s.bucket + "/object"
	s.Must(t, "PUT", s.object, s.body)
	return s
}

// shows tells, for the faults that disturb every service alike, whether an offer
// shows them. The others are shown by the checks that they turn red, which are
// not in this module.
var shows = map[string]func(*testing.T, stage) bool{
	"s3.range-ignored": func(t *testing.T, s stage) bool {
		got := s.Send(t, "GET", s.object, "", "Range: bytes=2-4")
		return got.Status == 200 && got.Body == s.body
	},
	"s3.etag-not-md5": func(t *testing.T, s stage) bool {
		sum := md5.Sum([]byte(s.body))
		put := s.Send(t, "PUT", s.object, s.body).Header.Get("ETag")
		for _, method := range []string{"GET", "HEAD"} {
			if got := s.Send(t, method, s.object, "").Header.Get("ETag"); got != put {
				t.Errorf("ETag of PUT is %s, of %s %s", put, method, got)
			}
		}
		if got := s.Send(t, "HEAD", s.object, "", "If-Match: "+put); got.Status != 200 {
			t.Errorf("HEAD with If-Match of the ETag shown: status %d", got.Status)
		}
		if list := s.Send(t, "GET", s.bucket+"?list-type=2", ""); !strings.Contains(list.Body, strings.Trim(put, `"`)) {
			t.Errorf("listing lacks the ETag %s: %s", put, list.Body)
		}
		return put != `"`+hex.EncodeToString(sum[:])+`"`
	},
	"s3.delete-missing-404": func(t *testing.T, s stage) bool {
		return s.Send(t, "DELETE", s.bucket+"/missing", "").Status == 404
	},
	"s3.error-without-code": func(t *testing.T, s stage) bool {
		got := s.Send(t, "GET", s.bucket+"/missing", "")
		if got.Status != 404 || !strings.Contains(got.Body, "<Error>") {
			t.Errorf("GET of a missing key: status %d: %s", got.Status, got.Body)
		}
		return !strings.Contains(got.Body, "<Code>")
	},
	"s3.slow-down": func(t *testing.T, s stage) bool {
		refused := 0
		for range 4 {
			if got := s.Send(t, "HEAD", s.object, ""); got.Status == 503 && got.Header.Get("Retry-After") == "1" {
				refused++
			}
		}
		return refused == 2
	},
	"s3.redirect-elsewhere": func(t *testing.T, s stage) bool {
		got := s.Send(t, "GET", s.object, "")
		return got.Status == 307 && got.Header.Get("Location") == "https://elsewhere.invalid"+s.object
	},
	"s3.hang": func(t *testing.T, s stage) bool {
		got := s.Within(300*time.Millisecond).Send(t, "GET", s.object, "")
		return got.Err != nil && strings.Contains(got.Err.Error(), "Client.Timeout")
	},
	"s3.garbage": func(t *testing.T, s stage) bool {
		got := s.Send(t, "GET", s.object, "")
		return got.Err != nil && strings.Contains(got.Err.Error(), "malformed HTTP")
	},
	"s3.truncated-body": func(t *testing.T, s stage) bool {
		got := s.Send(t, "GET", s.object, "")
		return got.Err != nil && got.Status == 200 && got.Body == s.body[:len(s.body)/2]
	},
}

func TestFaults(t *testing.T) {
	clean, faulty := newStage(t, alize(t)), newStage(t, brume(t))
	for name, show := range shows {
		t.Run(name, func(t *testing.T) {
			if show(t, clean) {
				t.Error("a clean offer shows it")
			}
			brume(t).Switch(t, service.Set{Faults: []string{name}})
			if !show(t, faulty) {
				t.Error("the faulty offer does not show it")
			}
		})
	}
}

// Each fault can be active together with all variations, and all faults with
// each other: the stack of writers stands, and the server outlives it.
func TestFaults_AllTogether(t *testing.T) {
	s, o := newStage(t, brume(t)), brume(t)
	var all service.Set
	for _, v := range s3.Variations() {
		all.Variations = append(all.Variations, v.Name)
	}
	for _, f := range s3.Faults() {
		o.Switch(t, service.Set{Faults: []string{f.Name}, Variations: all.Variations})
		s.Within(300*time.Millisecond).Send(t, "GET", s.object, "")
		all.Faults = append(all.Faults, f.Name)
	}
	o.Switch(t, all)
	s.Within(300*time.Millisecond).Send(t, "GET", s.object, "")
	o.Switch(t, service.Set{})
	if got := s.Send(t, "GET", s.object, ""); got.Body != s.body {
		t.Errorf("after all faults: status %d, error %v", got.Status, got.Err)
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range append(s3.Faults(), s3.Variations()...) {
		switch {
		case seen[f.Name]:
			t.Errorf("%s is there twice", f.Name)
		case f.Text == "" || !strings.HasSuffix(f.Text, ".") || f.Group == "":
			t.Errorf("%s lacks a sentence or a group", f.Name)
		case f.Front == nil && f.Backend == nil:
			t.Errorf("%s does nothing", f.Name)
		}
		seen[f.Name] = true
	}
	for _, f := range s3.Faults() {
		if !strings.HasPrefix(f.Name, "s3.") {
			t.Errorf("the name of fault %s does not start with its service", f.Name)
		}
	}
	for _, name := range s3.Kind.Demo {
		if !seen[name] {
			t.Errorf("the demonstration's list has the unknown %s", name)
		}
	}
}
