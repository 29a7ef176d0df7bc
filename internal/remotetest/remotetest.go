// Package remotetest is a server that speaks the chat protocol of OpenAI for tests, with the
// faults that servers have: which one, the name of the model says.
package remotetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Key is what the server wants where [Server.Keyed] is set.
const Key = "sk-secret-of-the-test"

// A Server answers with the last message, word by word, unless the model has a fault:
//
//	echo     none
//	whole    answers at once, as JSON
//	busy     is busy twice
//	hurried  asks to wait for hours
//	failing  fails always
//	dropped  breaks off once before it says anything
//	cut      breaks off in the middle
//	silent   begins and says no more
//	huge     sends a line without an end
//	endless  sends an answer without an end
//	garbage  sends what is no JSON
//	page     answers with a page of the web
//	lines    sends lines that are no events
//	object   answers with other JSON
//	missing  says in plain text that there is no such model
//	error    sends an error as an event
//	empty    answers nothing
//	full     ends at the limit of tokens
type Server struct {
	// Keyed wants [Key], and repeats what it got in its refusal.
	Keyed bool
	// Models are listed; without any, there is no list.
	Models []string
	// Owner is whom models belong to, as told.
	Owner string

	mu    sync.Mutex
	asked map[string]int
	last  []byte
}

// Last is the body of the last request for an answer.
func (s *Server) Last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.last)
}

// Asked is how often a model was asked.
func (s *Server) Asked(model string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[model]
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if auth := r.Header.Get("Authorization"); s.Keyed && auth != "Bearer "+Key {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error": {"message": "incorrect key: %s"}}`, strings.TrimPrefix(auth, "Bearer "))
		return
	}
	switch r.URL.Path {
	case "/v1/models":
		s.list(w)
	case "/v1/chat/completions":
		s.answer(w, r)
	case "/moved/models", "/moved/chat/completions":
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) list(w http.ResponseWriter) {
	if len(s.Models) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var all []map[string]string
	for _, m := range s.Models {
		all = append(all, map[string]string{"id": m, "owned_by": s.Owner})
	}
	json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": all})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	body, _ := io.ReadAll(r.Body)
	if json.Unmarshal(body, &asked) != nil || len(asked.Messages) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[asked.Model]++
	n := s.asked[asked.Model]
	s.last = body
	s.mu.Unlock()
	text := asked.Messages[len(asked.Messages)-1].Content
	switch {
	case asked.Model == "busy" && n < 3:
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, `{"error": "busy"}`)
	case asked.Model == "hurried":
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
	case asked.Model == "failing":
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, `{"error": {"message": "out of\n memory\u001b[31m"}}`)
	case asked.Model == "page":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html><body>Hello</body></html>")
	case asked.Model == "lines":
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "It works!\n")
	case asked.Model == "object":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"status": "fine"}`)
	case asked.Model == "missing":
		http.Error(w, "no model\nof that name\x1b[31m", http.StatusNotFound)
	case asked.Model == "dropped" && n < 2:
		panic(http.ErrAbortHandler)
	case asked.Model == "whole":
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"content": text}, "finish_reason": "stop"}}})
	default:
		s.stream(w, r, asked.Model, text)
	}
}

// stream answers as events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, model, text string) {
	w.Header().Set("Content-Type", "text/event-stream")
	say := func(piece, why string) {
		choice := map[string]any{"index": 0, "delta": map[string]string{"content": piece}}
		if why != "" {
			choice["finish_reason"] = why
		}
		event, _ := json.Marshal(map[string]any{"choices": []any{choice}}) // strings: it does not fail
		fmt.Fprintf(w, "data: %s\n\n", event)
		w.(http.Flusher).Flush()
	}
	io.WriteString(w, ": a comment\n\n")
	switch model {
	case "silent":
		say("a ", "")
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		return
	case "huge", "endless":
		for r.Context().Err() == nil {
			if piece := strings.Repeat("x", 1<<16); model == "endless" {
				say(piece, "")
			} else if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
		return
	case "garbage":
		io.WriteString(w, "data: <html>\x1b[31m no\n\n")
		return
	case "error":
		fmt.Fprintf(w, "data: {\"error\": {\"message\": \"the context of %s is full\"}}\n\n", Key)
		return
	case "empty":
		say("", "stop")
		return
	}
	for i, word := range strings.SplitAfter(text, " ") {
		if say(word, ""); model == "cut" && i == 1 {
			panic(http.ErrAbortHandler)
		}
	}
	if model == "full" {
		say("", "length")
		return
	}
	say("", "stop")
	io.WriteString(w, "data: {\"choices\": [], \"usage\": {}}\n\ndata: [DONE]\n\n")
}
