package remote

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/remotetest"
)

var hasty = limits{first: 5 * time.Second, quiet: 2 * time.Second, whole: 60 * time.Second, backoff: time.Millisecond}

func serve(t *testing.T, s *remotetest.Server) Settings {
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	return Settings{Address: at.URL + "/v1"}
}

func ask(t *testing.T, s Settings, model string) (Answer, string, error) {
	t.Helper()
	c, err := open(t.Context(), s, model, hasty)
	if err != nil {
		t.Fatalf("%s: %v", model, err)
	}
	defer c.Close()
	var shown strings.Builder
	a, err := c.Ask(t.Context(), Request{Messages: []Message{{System, "Be kind."}, {User, "one two 三"}}, Length: 9, TopP: 1, Seed: 1<<40 + 7}, func(p string) { shown.WriteString(p) })
	return a, shown.String(), err
}

// Every fault of a server has an end, and is one line that says what it is.
func TestFaults(t *testing.T) {
	s := &remotetest.Server{Models: []string{"echo", "cut"}}
	at := serve(t, s)
	at.Key = remotetest.Key
	for _, c := range []struct {
		model, text, err string
		asked            int
		mistake          bool
	}{
		{"echo", "one two 三", "", 1, false},
		{"whole", "one two 三", "", 1, false},
		{"busy", "one two 三", "", 3, false},
		{"dropped", "one two 三", "", 2, false},
		{"full", "one two 三", "", 1, false},
		{"hurried", "", "asks to wait 2h0m0s", 1, false},
		{"failing", "", "answers 500 Internal Server Error: out of memory [31m", 4, false},
		{"page", "", "answers with text/html, which is no answer of a model: is 127.0.0.1:", 1, true},
		{"lines", "", "sends what is no answer of a model: is the address in ATELIER_REMOTE_URL that of an OpenAI-compatible server? it ends in /v1", 1, true},
		{"object", "", "sends what is no answer of a model", 1, true},
		{"missing", "", "answers 404 Not Found: no model of that name [31m", 1, true},
		{"cut", "one two ", "breaks off in the middle of its answer", 1, false},
		{"silent", "a ", "said nothing for 2s", 1, false},
		{"huge", "", "sends a line of more than 1 MiB", 1, false},
		{"endless", "x", "has more than 8 MiB", 1, false},
		{"garbage", "", "sends what is no answer: <html> [31m no", 1, false},
		{"error", "", "reports an error: the context of (the key) is full", 1, false},
		{"empty", "", "is empty", 1, false},
	} {
		a, shown, err := ask(t, at, c.model)
		if shown != a.Text || !strings.HasPrefix(a.Text, c.text) || len(a.Text) > mostAnswer {
			t.Errorf("%s: answer of %d bytes, %d shown", c.model, len(a.Text), len(shown))
		}
		if c.err == "" && (err != nil || a.Text != c.text) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: answer %.20q, error %v", c.model, a.Text, err)
		}
		if got := errors.Is(err, badinput.Err); got != c.mistake {
			t.Errorf("%s: a mistake of the person: %v", c.model, got)
		}
		if n := s.Asked(c.model); n != c.asked {
			t.Errorf("%s is asked %d times, want %d", c.model, n, c.asked)
		}
		if err != nil && (strings.ContainsAny(err.Error(), "\n\x1b") || strings.Contains(err.Error(), remotetest.Key)) {
			t.Errorf("%s: %q", c.model, err)
		}
		if a.Cut != (c.model == "full") {
			t.Errorf("%s: cut is %v", c.model, a.Cut)
		}
	}
}

// What is asked for is sent.
func TestRequest(t *testing.T) {
	s := &remotetest.Server{Models: []string{"echo"}, Owner: "library"}
	c, err := open(t.Context(), serve(t, s), "", hasty)
	if err != nil {
		t.Fatal(err)
	}
	if c.Model() != "echo" || c.Kind() != "Ollama" || !c.Local() {
		t.Errorf("%s at a server of the kind %s", c.Model(), c.Kind())
	}
	_, err = c.Ask(t.Context(), Request{Messages: []Message{{User, "Hi"}}, Length: 9, Temperature: 0.5, TopP: 0.9, Presence: 1, Seed: 1<<40 + 7, Stop: []string{"\n"}}, nil)
	const want = `{"model":"echo","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"temperature":0.5,"top_p":0.9,"presence_penalty":1,"seed":7,"stop":["\n"],"stream":true}`
	if got := s.Last(); err != nil || got != want {
		t.Errorf("sent %s, error %v", got, err)
	}
}

// Settings that are wrong are one line, which does not repeat a key.
func TestSettings(t *testing.T) {
	keyed := serve(t, &remotetest.Server{Models: []string{"echo"}, Keyed: true})
	several := serve(t, &remotetest.Server{Models: []string{"b", "a\x1b[31m"}})
	unlisted := serve(t, &remotetest.Server{})
	gone := httptest.NewServer(nil)
	gone.Close()
	with := func(s Settings, key string) Settings { s.Key = key; return s }
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, "set ATELIER_REMOTE_URL to the address of an OpenAI-compatible server"},
		{Settings{Address: "localhost:11434"}, "ATELIER_REMOTE_URL: want an address such as http://localhost:11434/v1"},
		{Settings{Address: "http://me:secret@localhost/v1"}, "want an address without a name, a password or a query"},
		{Settings{Address: "http://api.example.com/v1", Key: "k"}, "want https:// for api.example.com"},
		{Settings{Address: "http://localhost/v1", Key: "a\nb"}, "ATELIER_REMOTE_KEY: want a key of printable ASCII"},
		{Settings{Address: gone.URL + "/v1"}, "no server listens at 127.0.0.1:"},
		{keyed, "refuses the key, or the lack of one: set ATELIER_REMOTE_KEY"},
		{with(keyed, "sk-wrong-one"), "incorrect key: (the key)"},
		{several, "has several models: name one, as in --model remote:NAME, or in ATELIER_REMOTE_MODEL; it has a [31m, b"},
		{unlisted, "answers 404 Not Found"},
		{Settings{Address: strings.Replace(several.Address, "/v1", "/moved", 1)}, "redirects elsewhere"},
	} {
		_, err := open(t.Context(), c.s, "", hasty)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%+v: %v", c.s, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || c.s.Key != "" && strings.Contains(err.Error(), "sk-")) {
			t.Errorf("%v tells the key", err)
		}
	}
	if _, _, err := ask(t, with(keyed, remotetest.Key), "echo"); err != nil {
		t.Error(err)
	}
	if _, _, err := ask(t, unlisted, "echo"); err != nil {
		t.Errorf("a named model of a server without a list: %v", err)
	}
}

// An answer that is not wanted any more ends at once, with the reason.
func TestStopped(t *testing.T) {
	at := serve(t, &remotetest.Server{Models: []string{"silent"}})
	slow := hasty
	slow.quiet = time.Minute
	c, err := open(t.Context(), at, "", slow)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.Ask(ctx, Request{Messages: []Message{{User, "Hi"}}}, func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzEvents reads what a server may send.
func FuzzEvents(f *testing.F) {
	f.Add("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n")
	f.Add(": x\r\ndata:{\"error\":\"no\"}")
	f.Add("data: {\"choices\":[{\"delta\":{\"content\":null}}]}")
	f.Fuzz(func(t *testing.T, sent string) {
		s := &stream{host: "h", heard: func() {}, hide: func(s string) string { return s }}
		if err := s.events(strings.NewReader(sent)); err == nil && s.text.Len() == 0 {
			t.Error("an empty answer is taken")
		} else if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q", err)
		}
	})
}
