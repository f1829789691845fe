package s3

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what ETags are made of
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// verb is one kind of request of a workload.
type verb int

const (
	get verb = iota
	stat
	put
	del
	list
)

// loads is the table of what may be put under load. The mix is that of warp's mixed
// benchmark.
var loads = []probe.Load{
	loadOf("get-4k", lang.T("Lire un objet de 4 Kio", "Read an object of 4 KiB"), "GetObject", 4<<10, verbs(get)),
	loadOf("get-1m", lang.T("Lire un objet de 1 Mio", "Read an object of 1 MiB"), "GetObject", 1<<20, verbs(get)),
	loadOf("get-sizes", lang.T("Lire des objets de 1 Kio à 1 Mio", "Read objects of 1 KiB to 1 MiB"), "GetObject", spread, verbs(get)),
	loadOf("put-4k", lang.T("Écrire un objet de 4 Kio", "Write an object of 4 KiB"), "PutObject", 4<<10, verbs(put)),
	loadOf("stat-4k", lang.T("Lire les propriétés d'un objet", "Read the properties of an object"), "HeadObject", 4<<10, verbs(stat)),
	loadOf("delete", lang.T("Effacer un objet", "Delete an object"), "DeleteObject", 1<<10, verbs(del)),
	loadOf("list", lang.T("Lister 100 objets", "List 100 objects"), "ListObjectsV2", 1<<10, verbs(list)),
	loadOf("mixed", lang.T("Mêler lectures, propriétés, écritures et effacements d'objets de 4 Kio", "Mix reads, properties, writes and deletions of objects of 4 KiB"),
		"GetObject, HeadObject, PutObject, DeleteObject", 4<<10, mix),
}

func mix(r uint64) verb {
	switch r %= 100; {
	case r < 45:
		return get
	case r < 75:
		return stat
	case r < 90:
		return put
	}
	return del
}

func verbs(v verb) func(uint64) verb { return func(uint64) verb { return v } }

// spread is the size of a workload whose objects have many.
const spread = 0

const (
	objects  = 100     // that are read
	doomed   = 200     // that are there to be deleted
	large    = 8       // of 1 MiB, that are read
	headRoom = 4 << 10 // more than a request's and an answer's head
	errorDoc = 8 << 10 // more than an error document
)

func loadOf(operation string, title lang.Text, api string, size int, pick func(uint64) verb) probe.Load {
	most := max(size, errorDoc)
	if size == spread {
		most = 1 << 20
	}
	if operation == "list" {
		most = 128 << 10
	}
	sent := 0
	if strings.Contains(api, "PutObject") {
		sent = size
	}
	return probe.Load{
		Operation: operation, Title: title, Rule: "Amazon S3 API, " + api, OpBytes: int64(sent + most + headRoom),
		Prepare: func(t *probe.T) load.Workload { return prepare(t, size, most, pick) },
	}
}

// object is one that was stored, and what must come back of it.
type object struct {
	path, payload, etag string
	body                []byte
}

// traffic is a workload: requests to one bucket.
type traffic struct {
	cloud   *Cloud
	server  *wire.Server
	host    string
	prefix  string // of paths: the bucket, unless the host has it
	pick    func(uint64) verb
	mixed   bool // it has several verbs
	objects []object
	md5     bool   // ETags are MD5 digests here
	list    []byte // the right list, as it was written before the load
}

func prepare(t *probe.T, size, most int, pick func(uint64) verb) load.Workload {
	c := cloudOf(t.Session())
	bucket := c.Bucket(t)
	w := &traffic{cloud: c, server: t.Session().Server(int64(most)), host: c.endpoint.Host, prefix: "/" + bucket, pick: pick, mixed: pick(0) != pick(99)}
	if c.virtual {
		w.host, w.prefix = bucket+"."+w.host, ""
		w.server.Address = bucket + "." + w.server.Address
		if w.server.TLS != nil {
			w.server.TLS.ServerName = bucket + "." + w.server.TLS.ServerName
		}
	}
	n := objects
	if size >= 1<<20 {
		n = large
	}
	w.objects = make([]object, n)
	several(n, func(i int) {
		if size == spread { // from 1 KiB to 1 MiB, as many in each octave
			w.store(t, bucket, i, int(1024*math.Pow(2, 10*float64(i)/float64(n-1))))
		} else {
			w.store(t, bucket, i, size)
		}
	})
	switch pick(99) {
	case del:
		several(doomed, func(i int) { c.Put(t, bucket, fmt.Sprintf("d/%06d", i), nil) })
	case list:
		if a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: allRead}); w.listed(a.Body) {
			w.list = a.Body
		}
	}
	return w
}

// several makes n things, some at a time: services may take long for each.
func several(n int, one func(int)) {
	var next atomic.Int64
	var makers sync.WaitGroup
	for range 8 {
		makers.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				one(int(i - 1))
			}
		})
	}
	makers.Wait()
}

// store makes object i and remembers it.
func (w *traffic) store(t *probe.T, bucket string, i, size int) {
	body := pattern(byte(i+1), size)
	sha, sum := sha256.Sum256(body), md5.Sum(body) //nolint:gosec // as above
	key := fmt.Sprintf("r/%03d", i)
	etag := w.cloud.Put(t, bucket, key, body).Header.Get("Etag")
	if i == 0 {
		w.md5 = strings.Trim(etag, `"`) == hex.EncodeToString(sum[:])
	}
	w.objects[i] = object{path: w.prefix + "/" + key, payload: hex.EncodeToString(sha[:]), etag: etag, body: body}
}

// listed reports whether a list has what is read, in its order, and nothing else.
func (w *traffic) listed(doc []byte) bool {
	var p page
	if xml.Unmarshal(doc, &p) != nil || p.IsTruncated || len(p.CommonPrefixes) > 0 {
		return false
	}
	return slices.EqualFunc(p.Contents, w.objects, func(l listedObject, o object) bool {
		return l.Key == o.path[len(w.prefix)+1:] && l.Size == strconv.Itoa(len(o.body))
	})
}

// Open returns the client of one connection.
func (w *traffic) Open() (load.Client, error) {
	return &rider{w: w, conn: wire.New(w.server), list: w.list, sign: lineSigner{key: w.cloud.key(mainAccount), secret: w.cloud.secret(mainAccount), region: w.cloud.region, host: w.host}}, nil
}

// sink compares an answer's body with what it must be, as it comes; or gathers it.
type sink struct {
	want   []byte
	at     int
	wrong  bool
	gather bool
	got    []byte
}

func (s *sink) Write(p []byte) (int, error) {
	if s.gather {
		s.got = append(s.got, p...)
		return len(p), nil
	}
	if s.at+len(p) > len(s.want) || !bytes.Equal(s.want[s.at:s.at+len(p)], p) {
		s.wrong = true
	}
	s.at += len(p)
	return len(p), nil
}

var methods = [...]string{get: http.MethodGet, stat: http.MethodHead, put: http.MethodPut, del: http.MethodDelete, list: http.MethodGet}
