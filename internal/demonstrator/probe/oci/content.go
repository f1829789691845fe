package oci

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
)

// The media types of the OCI Image Specification, and two of nobody's.
const (
	imageType    = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
	emptyType    = "application/vnd.oci.empty.v1+json"
	sbomType     = "application/vnd.aloi.sbom.v1"
	signatureOfA = "application/vnd.aloi.signature.v1"
)

// content is bytes of a media type, a blob or a manifest.
type content struct {
	kind string
	body []byte
}

func (c content) digest() string {
	sum := sha256.Sum256(c.body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (c content) sha512() string {
	sum := sha512.Sum512(c.body)
	return "sha512:" + hex.EncodeToString(sum[:])
}

// isDigestOf tells whether a digest, of an algorithm that is known here, is that of
// bytes.
func isDigestOf(digest string, body []byte) bool {
	c := content{body: body}
	return digest == c.digest() || digest == c.sha512()
}

func (c content) descriptor() descriptor {
	return descriptor{MediaType: c.kind, Digest: c.digest(), Size: len(c.body)}
}

// descriptor points from a manifest, or a list, to other content.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Platform     map[string]string `json:"platform,omitempty"`
}

// image is an image manifest.
type image struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// index is an image index.
type index struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Manifests     []descriptor      `json:"manifests"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

func manifest(kind string, doc any) content {
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err) // only our own structures, which encode
	}
	return content{kind, body}
}

// Blob returns n bytes that no other repository of any run has.
func (p *Repo) Blob(seed string, n int) content {
	return content{layerType, pattern(p.Name+" "+seed, n)}
}

// Image pushes a configuration and a layer, and returns the manifest of an image
// made of them, which isn't pushed.
func (p *Repo) Image(seed string, edits ...func(*image)) content {
	config := manifest(configType, map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{"Labels": map[string]string{"seed": p.Name + " " + seed}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{p.Blob(seed, 600).digest()}},
	})
	layer := p.Blob(seed, 600)
	p.OwnBlobs(config.digest(), layer.digest())
	p.upload(config)
	p.upload(layer)
	return p.manifest(config.descriptor(), []descriptor{layer.descriptor()}, edits...)
}

// Artifact is Image for content that isn't one: of that type, with the empty
// configuration and one layer.
func (p *Repo) Artifact(kind string, edits ...func(*image)) content {
	empty, layer := content{emptyType, []byte("{}")}, p.Blob(kind, 300)
	layer.kind = kind
	p.OwnBlobs(empty.digest(), layer.digest())
	p.upload(empty)
	p.upload(layer)
	return p.manifest(empty.descriptor(), []descriptor{layer.descriptor()}, append([]func(*image){func(m *image) { m.ArtifactType = kind }}, edits...)...)
}

func (p *Repo) manifest(config descriptor, layers []descriptor, edits ...func(*image)) content {
	m := image{SchemaVersion: 2, MediaType: imageType, Config: config, Layers: layers}
	for _, edit := range edits {
		edit(&m)
	}
	return manifest(imageType, m)
}

// about makes an image manifest one that is about another.
func about(subject content) func(*image) {
	return func(m *image) {
		d := subject.descriptor()
		m.Subject = &d
	}
}

// noted adds an annotation.
func noted(key, value string) func(*image) {
	return func(m *image) {
		if m.Annotations == nil {
			m.Annotations = map[string]string{}
		}
		m.Annotations[key] = value
	}
}

// pattern returns n bytes that depend on the seed and repeat nowhere nearby.
func pattern(seed string, n int) []byte {
	h := fnv.New32a()
	h.Write([]byte(seed))
	x := h.Sum32() | 1
	b := make([]byte, n)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}
