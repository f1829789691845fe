package inference

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"time"
)

// embedRequest is what a client asks of the embedder.
type embedRequest struct {
	Model      string          `json:"model"`
	Input      json.RawMessage `json:"input"`
	Dimensions *int            `json:"dimensions"`
	Encoding   string          `json:"encoding_format"`

	texts []string
}

// embed answers POST /v1/embeddings.
func (c *call) embed() {
	q := &embedRequest{}
	p := c.decode(q)
	if p == nil {
		p = q.check()
	}
	if p != nil {
		c.refuse(p)
		return
	}
	leave, err := c.account.enter(c.r.Context())
	if err != nil {
		return
	}
	defer leave()
	size, count := dimensions, 0
	if q.Dimensions != nil {
		size = *q.Dimensions
	}
	var vectors [][]float64
	for _, text := range q.texts {
		vectors = append(vectors, embedding(text, size))
		count += len(tokens(text))
	}
	for _, edit := range c.b.vectors {
		vectors = edit(q, vectors)
	}
	if wait(c.r.Context(), prefill*time.Duration(count)) != nil {
		return
	}
	var data []any
	for i, v := range vectors {
		data = append(data, doc{"object": "embedding", "index": i, "embedding": q.encode(v)})
	}
	out := doc{"object": "list", "model": q.Model, "data": data, "usage": doc{"prompt_tokens": count, "total_tokens": count}}
	for _, edit := range c.b.embedded {
		edit(q, out)
	}
	c.send(&answer{body: out})
}

func (q *embedRequest) check() *problem {
	if q.Model != embedder {
		return noModel(q.Model)
	}
	var one string
	if json.Unmarshal(q.Input, &one) == nil {
		q.texts = []string{one}
	} else if json.Unmarshal(q.Input, &q.texts) != nil || len(q.texts) == 0 {
		return invalid("input", "invalid_type", "input must be a text or a list of texts")
	}
	switch {
	case q.Dimensions != nil && (*q.Dimensions < 1 || *q.Dimensions > dimensions):
		return invalid("dimensions", "invalid_value", "dimensions must be between 1 and %d", dimensions)
	case q.Encoding != "" && q.Encoding != "float" && q.Encoding != "base64":
		return invalid("encoding_format", "invalid_value", "encoding_format must be float or base64")
	}
	return nil
}

// encode writes a vector as numbers, or as base64 of 32-bit floats.
func (q *embedRequest) encode(v []float64) any {
	if q.Encoding != "base64" {
		return v
	}
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
	}
	return base64.StdEncoding.EncodeToString(b)
}

// embedding adds a direction for each token of the text, and scales to length 1.
func embedding(text string, size int) []float64 {
	v := make([]float64, size)
	for _, t := range append(tokens(text), "") {
		h := fnv.New64a()
		h.Write([]byte(t))
		for i, x := 0, h.Sum64(); i < size; i++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			v[i] += float64(int64(x)) / math.MaxInt64
		}
	}
	return unit(v)
}

// unit scales a vector to length 1, in the precision of 32-bit floats.
func unit(v []float64) []float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	for i, x := range v {
		v[i] = float64(float32(x / math.Sqrt(sum)))
	}
	return v
}
