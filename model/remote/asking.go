package remote

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// The roles of messages.
const (
	System    = "system"
	User      = "user"
	Assistant = "assistant"
)

// A Message is a part of a conversation.
type Message struct {
	Role string `json:"role"`
	Text string `json:"content"`
}

// A Request asks for the next message of a conversation.
type Request struct {
	Messages    []Message
	Length      int // most tokens
	Temperature float64
	TopP        float64
	Presence    float64 // -2 to 2
	Seed        uint64  // servers take it as a wish: the same seed may give another answer
	Stop        []string
}

// An Answer is what a model wrote.
type Answer struct {
	Text string
	// Cut reports that it ends because it has the most tokens that were asked for.
	Cut bool
}

// wire is a request as it is sent.
type wire struct {
	Model       string    `json:"model"`
	Messages    []Message `json:"messages"`
	Length      int       `json:"max_tokens,omitempty"`
	Temperature float64   `json:"temperature"`
	TopP        float64   `json:"top_p"`
	Presence    float64   `json:"presence_penalty,omitempty"`
	Seed        uint64    `json:"seed"`
	Stop        []string  `json:"stop,omitempty"`
	Stream      bool      `json:"stream"`
}

// mostSeed bounds seeds as sent: some servers read 32 bits.
const mostSeed = 1<<31 - 1

// errAgain marks answers that are worth asking for again.
var errAgain = errors.New("again")

// Ask asks for an answer and shows it as it comes. A server that is busy, fails or breaks off
// before it has said anything is asked again. Mistakes are errors of [badinput].
func (c *Client) Ask(ctx context.Context, r Request, show func(piece string)) (Answer, error) {
	body, err := json.Marshal(wire{
		Model: c.model, Messages: r.Messages, Length: r.Length, Temperature: r.Temperature, TopP: r.TopP,
		Presence: r.Presence, Seed: r.Seed & mostSeed, Stop: r.Stop, Stream: true,
	})
	if err != nil {
		return Answer{}, err
	}
	whole := fmt.Errorf("the model remote: %s was not done after %s", c.base.Host, c.wait.whole)
	ctx, cancel := context.WithTimeoutCause(ctx, c.wait.whole, whole)
	defer cancel()
	backoff := c.wait.backoff
	for try := 1; ; try++ {
		answer, err := c.once(ctx, body, show)
		if err == nil || try == tries || answer.Text != "" || !errors.Is(err, errAgain) || ctx.Err() != nil {
			return answer, explained(ctx, err)
		}
		pause := backoff
		if p := (*problem)(nil); errors.As(err, &p) && p.after > 0 {
			if pause = p.after; pause > mostBackoff {
				return answer, fmt.Errorf("the model remote: %s asks to wait %s before it is asked again", c.base.Host, pause.Round(time.Second))
			}
		}
		backoff *= 2
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return answer, explained(ctx, ctx.Err())
		}
	}
}

// explained is an error, or why the context ended if that is the reason.
func explained(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// once asks once.
func (c *Client) once(ctx context.Context, body []byte, show func(string)) (Answer, error) {
	quiet := fmt.Errorf("the model remote: %s said nothing for %s", c.base.Host, c.wait.quiet)
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	resp, err := c.send(reading, http.MethodPost, "/chat/completions", body)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	clock := time.AfterFunc(c.wait.quiet, func() { stop(quiet) })
	defer clock.Stop()
	s := &stream{host: c.base.Host, heard: func() { clock.Reset(c.wait.quiet) }, show: show, hide: c.without}
	switch kind := contentType(resp); kind {
	case "application/json":
		err = s.whole(resp.Body)
	case "", "text/event-stream", "text/plain", "application/octet-stream", "application/x-ndjson":
		err = s.events(resp.Body)
	default:
		return Answer{}, c.foreign(kind)
	}
	if err != nil && ctx.Err() == nil && reading.Err() != nil {
		err = quiet
	}
	return Answer{s.text.String(), s.cut}, err
}

// contentType is the media type of what a server sends, empty if it does not say.
func contentType(resp *http.Response) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return printable(strings.ToLower(kind))
}

// foreign is the error of a server that answers with something of another type.
func (c *Client) foreign(kind string) error {
	return badinput.Errorf("the model remote: %s answers with %s, which is no answer of a model: is %s%s the address of an OpenAI-compatible server? %s", c.base.Host, kind, c.base.Host, c.base.Path, endsInV1)
}

// endsInV1 is what an address misses most often.
const endsInV1 = "it ends in /v1, in most cases"

// A problem is an answer of a server that is an error.
type problem struct {
	host, text string
	status     int
	after      time.Duration // that it asks to wait
}

func (p *problem) Error() string {
	said := ""
	if p.text != "" {
		said = ": " + p.text
	}
	switch {
	case p.status == http.StatusUnauthorized || p.status == http.StatusForbidden:
		return fmt.Sprintf("the model remote: %s refuses the key, or the lack of one: set %s%s", p.host, KeyVariable, said)
	case p.status >= 300 && p.status < 400:
		return fmt.Sprintf("the model remote: %s redirects elsewhere: set %s to where it does", p.host, AddressVariable)
	case p.status == 0:
		return fmt.Sprintf("the model remote: %s reports an error%s", p.host, said)
	}
	if p.status == http.StatusNotFound && p.text == "" {
		said = ": is the address in " + AddressVariable + " right? " + endsInV1
	}
	return fmt.Sprintf("the model remote: %s answers %d %s%s", p.host, p.status, http.StatusText(p.status), said)
}

// Is says which problems are mistakes of the person, and which may pass.
func (p *problem) Is(target error) bool {
	passing := p.status == http.StatusTooManyRequests || p.status >= 500 || p.status == http.StatusRequestTimeout
	return target == errAgain && passing || target == badinput.Err && !passing && p.status > 0
}

// send sends a request. An answer that is no success is a [*problem].
func (c *Client) send(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "atelier")
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, c.unreachable(err)
	case resp.StatusCode == http.StatusOK:
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, mostProblem))
	p := &problem{host: c.base.Host, text: said([]byte(c.without(string(text)))), status: resp.StatusCode}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.after = time.Duration(min(seconds, 1e6)) * time.Second
	}
	return nil, p
}

// without is what a server said without the key, which some repeat.
func (c *Client) without(text string) string {
	if c.key == "" {
		return text
	}
	return strings.ReplaceAll(text, c.key, "(the key)")
}

// said is the message in the body of an error, of the forms that there are.
func said(body []byte) string {
	var e struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &e) != nil {
		if text := printable(string(body)); utf8.ValidString(text) && !strings.HasPrefix(text, "<") && !strings.HasPrefix(text, "{") {
			return text // a plain one
		}
		return ""
	}
	return printable(cmp.Or(messageOf(e.Error), e.Message, messageOf(e.Detail)))
}

// messageOf is the text of an error: a string, or an object with a message.
func messageOf(raw json.RawMessage) string {
	var text string
	var object struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	_ = json.Unmarshal(raw, &object) // of another form: nothing is told
	return object.Message
}
