package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/peterh/liner"
	"golang.org/x/term"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
)

// An asker asks for the messages of a conversation: a person on a terminal, or each line of
// the standard input.
type asker struct {
	console *console
	out     string       // file of the answers, empty for the console
	line    *liner.State // nil if nobody sits at a terminal
	lines   *bufio.Reader
	asked   int
	stop    func()          // the answer
	signals chan os.Signal  // Ctrl-C on the terminal
	record  strings.Builder // of the conversation on a terminal, to be saved
}

const (
	mostMessage = 1 << 20 // bytes of a line of the standard input
	chatHelp    = `/new         begin a new conversation
/save FILE   keep this conversation as a text in a new file
/quit        end, as Ctrl-D does
Ctrl-C       cancel an answer`
)

// commandHelp is the help of the commands, after what is wrong with one that there is not.
func commandHelp(command string) string {
	if command == "/help" {
		return chatHelp
	}
	return "there is no command " + visible(command) + "\n" + chatHelp
}

// listen has an app ask, and records what it answers.
func (c *cli) listen(m *meter, env *app.Env, out string) *asker {
	a := &asker{console: m.console, out: out}
	env.Ask = func(ctx context.Context) (string, context.Context, error) {
		m.done()
		return a.ask(ctx)
	}
	if show := env.Text; show != nil {
		env.Text = func(piece string) {
			if a.line != nil {
				a.record.WriteString(piece)
			}
			show(piece)
		}
	}
	return a
}

// close gives the terminal back.
func (a *asker) close() {
	if a.stop != nil {
		a.stop()
	}
	if a.line != nil {
		a.line.Close()
	}
}

// ask implements [app.Env.Ask].
func (a *asker) ask(ctx context.Context) (string, context.Context, error) {
	if a.stop != nil {
		a.stop()
		a.stop = nil
	}
	if err := a.begin(); err != nil {
		return "", nil, err
	}
	if a.line != nil {
		return a.prompt(ctx)
	}
	message, err := a.read(ctx)
	if err == nil && a.asked > 0 && a.out == "" {
		fmt.Fprint(a.console.out, "\n\n")
	}
	a.asked++
	return message, ctx, err
}

// prompt asks on the terminal, and does what commands say.
func (a *asker) prompt(ctx context.Context) (string, context.Context, error) {
	if a.asked > 0 {
		fmt.Fprint(a.console.out, "\n\n")
		a.record.WriteString("\n\n")
	}
	a.asked = 0
	for {
		message, err := a.line.Prompt("> ")
		message = strings.TrimSpace(message)
		command, rest, _ := strings.Cut(message, " ")
		switch {
		case ctx.Err() != nil:
			return "", nil, ctx.Err()
		case errors.Is(err, liner.ErrPromptAborted), err == nil && message == "":
			continue
		case err != nil, command == "/quit":
			return "", nil, io.EOF
		case command == "/new":
			a.record.Reset()
			return "", nil, app.ErrNewConversation
		case command == "/save":
			a.save(ctx, strings.TrimSpace(rest))
			continue
		case strings.HasPrefix(command, "/"):
			a.console.text(commandHelp(command))
			continue
		}
		a.line.AppendHistory(message)
		fmt.Fprintf(&a.record, "> %s\n\n", message)
		a.asked = 1
		return message, a.answering(ctx), nil
	}
}

// answering is a context that Ctrl-C ends from now on.
func (a *asker) answering(ctx context.Context) context.Context {
	select {
	case <-a.signals: // was for no answer
	default:
	}
	ctx, a.stop = context.WithCancel(ctx)
	stop := a.stop
	go func() {
		select {
		case <-a.signals:
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx
}

// begin opens the terminal, if there is one, or else the standard input.
func (a *asker) begin() error {
	switch {
	case a.line != nil || a.lines != nil:
	case a.console.in == nil || !term.IsTerminal(int(os.Stdin.Fd())):
		a.lines = bufio.NewReader(os.Stdin)
	case a.out != "":
		return badinput.Errorf("message: want a question whose answer goes to %s; without -o you are asked here", a.out)
	default:
		signal.Reset(os.Interrupt) // it cancels an answer, not the program
		a.signals = make(chan os.Signal, 1)
		signal.Notify(a.signals, os.Interrupt)
		a.line = liner.NewLiner()
		a.line.SetCtrlCAborts(true)
		a.console.text("Ask about Atelier, or about your documents. /help lists the commands; Ctrl-D ends.")
	}
	return nil
}

// read reads the next line of the standard input that is not blank.
func (a *asker) read(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1) // the read cannot be interrupted: the answer to a signal does not wait for it
	go func() {
		text, err := a.next()
		got <- line{text, err}
	}()
	select {
	case l := <-got:
		return l.text, l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (a *asker) next() (string, error) {
	for {
		line, err := readLine(a.lines)
		if text := strings.TrimSpace(line); text != "" || err != nil {
			return text, err
		}
	}
}

// readLine reads a line, of at most [mostMessage] bytes.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > mostMessage {
			return "", badinput.Errorf("a line of the standard input has more than %d bytes", mostMessage)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		default:
			return string(line), err
		}
	}
}

// save keeps the conversation in a new file.
func (a *asker) save(ctx context.Context, name string) {
	if name == "" {
		a.console.text("name a file: /save talk.txt")
		return
	}
	if _, err := os.Lstat(name); err == nil && !isFolder(name) {
		a.console.text(name + " exists already: name a new file")
		return
	}
	to, err := newOutput(ctx, name, newGuard(false))
	if err == nil {
		err = to.write(data.Item{Name: "conversation.txt", Bytes: []byte(strings.TrimSpace(a.record.String()) + "\n")})
	}
	if err != nil {
		a.console.text(oneLine(err))
		return
	}
	a.console.say("%s", to)
}
