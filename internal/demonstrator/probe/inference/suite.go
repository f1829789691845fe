// Package inference is the suite of checks for language models behind the HTTP API
// that OpenAI's clients speak: what an application must obtain from any offer,
// whatever the model. The checks stand in tables, one file a group; api.go has the
// client, sse.go the reader of streams, want.go the sentences that checks end with.
package inference

import (
	"context"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	seed                = "seed"
	choices             = "choices"
	logprobs            = "logprobs"
	jsonObject          = "json-object"
	jsonSchema          = "json-schema"
	tools               = "tools"
	embeddings          = "embeddings"
	embeddingDimensions = "embedding-dimensions"
	embeddingNorm       = "embedding-norm"
	rateHeaders         = "ratelimit-headers"
)

// The settings of an offer. A check that needs one which is absent is
// "unsupported" there.
const (
	settingModel     = "model"
	settingEmbedding = "embedding-model"
	settingContext   = "context"    // tokens
	settingBurst     = "rate-burst" // requests
	settingParallel  = "parallel"   // generations
	settingBase      = "base-path"  // of the routes; /v1 when absent
)

// The accounts of an offer, and two strangers.
const (
	mainAccount  = "main"
	burstAccount = "burst" // the key to exhaust; the main one when absent
	anonymous    = "-"
	stranger     = "?"
)

// Suite is the table of all checks. Nothing that it asks for is kept by the offer:
// there is nothing to delete and nothing to list.
var Suite = probe.Suite{
	ID:    "inference",
	Title: lang.T("Inférence de modèles de langue (API compatible OpenAI)", "Language model inference (OpenAI-compatible API)"),
	Features: []string{
		seed, choices, logprobs, jsonObject, jsonSchema, tools, embeddings, embeddingDimensions, embeddingNorm, rateHeaders,
	},
	Settings:    []string{settingModel, settingEmbedding, settingContext, settingBurst, settingParallel, settingBase},
	Credentials: map[string][]string{mainAccount: {"api-key"}, burstAccount: {"api-key"}},
	Required:    []string{mainAccount},
	Slots:       16,
	Checks: slices.Concat(
		modelChecks, authChecks, chatChecks, usageChecks, samplingChecks, streamChecks, pacingChecks, limitChecks,
		structuredChecks, toolChecks, embeddingChecks, errorChecks,
	),
	Vet:       vetChecks,
	Loads:     loads,
	Control:   control,
	Delete:    func(context.Context, *probe.Session, probe.Resource) error { return nil },
	Inventory: func(context.Context, *probe.Session) ([]string, error) { return nil, nil },
}

// with gives a check the client of its session.
func with(run func(*probe.T, *API)) func(*probe.T) {
	return func(t *probe.T) { run(t, apiOf(t.Session())) }
}
