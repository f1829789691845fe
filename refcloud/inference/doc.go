// Package inference is a simulator of a language model's inference service behind
// the HTTP API that OpenAI's clients speak. No model runs in it: a small grammar
// writes French and English sentences, a fixed tokenizer counts them, and a queue
// of slots with prefill and decode costs gives the answers their pace. What the
// API promises around the words (shapes, counts, streams, limits, errors) is real,
// and any of it can be disturbed by name.
package inference
