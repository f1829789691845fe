package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// clientChecks: what a public library, with which many tools are made, does with the
// registry by its own means.
var clientChecks = []probe.Check{
	{
		ID: "oci/client/image", Rule: "go-containerregistry, remote.Write and remote.Image",
		Title: lang.T("go-containerregistry envoie une image et la relit, chaque empreinte vérifiée", "go-containerregistry pushes an image and pulls it, each digest verified"),
		Run:   in(clientImage),
	},
	{
		ID: "oci/client/index", Rule: "go-containerregistry, remote.WriteIndex, remote.Index and remote.List",
		Title: lang.T("go-containerregistry envoie un index, le relit et liste les étiquettes", "go-containerregistry pushes an index, pulls it and lists the tags"),
		Run:   in(clientIndex),
	},
	{
		ID: "oci/client/referrers", Rule: "go-containerregistry, remote.Referrers", Features: []string{referrersAPI},
		Title: lang.T("go-containerregistry trouve les référents d'une image", "go-containerregistry finds the referrers of an image"),
		Run:   in(clientReferrers),
	},
}

// options make the library go through the session, once and with nothing hidden.
func (p *Repo) options() []remote.Option {
	fields, _ := p.reg.session.Account(mainAccount)
	return []remote.Option{
		remote.WithContext(p.t.Context()),
		remote.WithTransport(bounded{p.reg.session.HTTP().Transport}),
		remote.WithAuth(&authn.Basic{Username: fields["user"], Password: fields["password"]}),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), remote.WithRetryStatusCodes(),
		remote.WithJobs(2),
	}
}

// bounded keeps the library from holding more of an answer than a check may.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(req)
	if err == nil {
		res.Body = &boundedBody{ReadCloser: res.Body, left: mostBody}
	}
	return res, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(data []byte) (int, error) {
	n, err := b.ReadCloser.Read(data)
	if b.left -= n; b.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

// tag names a tag of the repository in the library's terms.
func (p *Repo) tag(tag string) name.Tag {
	ref, err := name.NewTag(p.reg.base.Host + "/" + p.Name + ":" + tag)
	if err != nil {
		p.t.Bug(err)
	}
	return ref
}

// sample returns an image in the library's terms, whose parts are in the ledger.
func (p *Repo) sample(arch string) v1.Image {
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	base, err := mutate.ConfigFile(base, &v1.ConfigFile{OS: "linux", Architecture: arch, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		p.t.Bug(err)
	}
	files := archive(p.Blob(arch, 2000).body)
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		p.t.Bug(err)
	}
	img, err := mutate.AppendLayers(base, layer)
	if err != nil {
		p.t.Bug(err)
	}
	p.ownSample(img)
	return img
}

// archive returns a tar archive of one file.
func archive(body []byte) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	_ = w.WriteHeader(&tar.Header{Name: "file", Mode: 0o644, Size: int64(len(body))}) // a buffer takes all
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

func (p *Repo) ownSample(img v1.Image) {
	m, err := img.Manifest()
	if err != nil {
		p.t.Bug(err)
	}
	digest, err := img.Digest()
	if err != nil {
		p.t.Bug(err)
	}
	blobs := []string{m.Config.Digest.String()}
	for _, layer := range m.Layers {
		blobs = append(blobs, layer.Digest.String())
	}
	p.OwnBlobs(blobs...)
	p.OwnManifests(digest.String())
}

// works ends the check when a call of the library failed. Unless the exchange broke,
// its error says what it found wrong.
func (p *Repo) works(did string, err error) {
	var exchange *url.Error
	if err != nil && !errors.As(err, &exchange) {
		p.t.Fail(did, short(probe.Plain(err)), "success")
	}
	p.broken(did, err)
}

func clientImage(t *probe.T, p *Repo) {
	img := p.sample("amd64")
	p.works("remote.Write", remote.Write(p.tag("v1"), img, p.options()...))
	const did = "remote.Image"
	got, err := remote.Image(p.tag("v1"), p.options()...)
	p.works(did, err)
	want, err := img.Digest()
	if err != nil {
		t.Bug(err)
	}
	digest, err := got.Digest()
	p.works(did, err)
	t.Want(digest == want, did, short(digest.String()), short(want.String()))
	p.works("validate.Image", validate.Image(got))
}

func clientIndex(t *probe.T, p *Repo) {
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range []string{"amd64", "arm64"} {
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{
			Add: p.sample(arch), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	want, err := idx.Digest()
	if err != nil {
		t.Bug(err)
	}
	p.OwnManifests(want.String())
	p.works("remote.WriteIndex", remote.WriteIndex(p.tag("multi"), idx, p.options()...))
	const did = "remote.Index"
	got, err := remote.Index(p.tag("multi"), p.options()...)
	p.works(did, err)
	digest, err := got.Digest()
	p.works(did, err)
	t.Want(digest == want, did, short(digest.String()), short(want.String()))
	p.works("validate.Index", validate.Index(got))
	tags, err := remote.List(p.tag("multi").Repository, p.options()...)
	p.works("remote.List", err)
	t.Want(slices.Equal(tags, []string{"multi"}), "remote.List", fmt.Sprint(tags), "[multi]")
}

func clientReferrers(t *probe.T, p *Repo) {
	subject := p.Tag("v1")
	sbom, signature := p.twoReferrers(subject)
	ref, err := name.NewDigest(p.reg.base.Host + "/" + p.Name + "@" + subject.digest())
	if err != nil {
		t.Bug(err)
	}
	const did = "remote.Referrers"
	list, err := remote.Referrers(ref, p.options()...)
	p.works(did, err)
	m, err := list.IndexManifest()
	p.works(did, err)
	var got []descriptor
	for _, d := range m.Manifests {
		got = append(got, descriptor{
			MediaType: string(d.MediaType), Digest: d.Digest.String(), Size: int(d.Size), ArtifactType: d.ArtifactType, Annotations: d.Annotations,
		})
	}
	p.wantDescriptors(did, got, []descriptor{sbom, signature})
}
