package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/pdftext"
)

const (
	pdfTime   = 10 * time.Minute // for a file, on a machine that has other work, too
	mostPDF   = 64 << 20         // bytes
	mostPages = 48 << 20         // bytes of what the process says: JSON of at most 8 MiB of text
	mostWords = 8 << 20          // bytes of text

	countEvery = 200 * time.Millisecond // a look at how many pages have been read
)

// newPDFText is the hidden command that reads a PDF file in a process that ends, and its memory
// with it.
func newPDFText() *cobra.Command {
	cache := ""
	cmd := &cobra.Command{
		Use:     "pdf-text",
		Short:   "Read a PDF file from the standard input and write its pages as JSON lines",
		Example: "  atelier pdf-text < paper.pdf",
		Args:    takes(0, 0, ""),
		Hidden:  true,
	}
	cmd.Flags().StringVar(&cache, "cache", "", "folder where the compiled reader is kept; if empty, it is compiled anew")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		pdf, err := io.ReadAll(io.LimitReader(os.Stdin, mostPDF+1))
		switch {
		case err != nil:
			return err
		case len(pdf) > mostPDF:
			return badinput.Errorf("it has more than %d MiB", mostPDF>>20)
		}
		out, bytes := json.NewEncoder(os.Stdout), 0
		return pdftext.Pages(cmd.Context(), pdf, cache, func(text string, why error) error {
			if bytes += len(text); bytes > mostWords {
				return badinput.Errorf("it has more than %d MiB of text: divide it", mostWords>>20)
			}
			p := app.PDFPage{Text: text}
			if why != nil {
				p.Why = why.Error()
			}
			return out.Encode(p)
		})
	}
	return cmd
}

// readPDF reads a PDF file in a process of its own. What it says of a mistake is an error of [badinput].
func readPDF(ctx context.Context, pdf []byte, counted app.PagesCounted) ([]app.PDFPage, error) {
	timed, cancel := context.WithTimeout(ctx, pdfTime)
	defer cancel()
	child := self(timed, "pdf-text", "--cache", pdfCache())
	child.Env = []string{} // no key, no address
	child.Stdin = bytes.NewReader(pdf)
	said := &bounded{most: mostPages, stop: cancel}
	errs := &bounded{most: 64 << 10, stop: cancel}
	child.Stdout, child.Stderr, child.WaitDelay = said, errs, time.Second
	err := counting(counted, said, child.Run)
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil && !said.full && !errs.full:
		return nil, badinput.Errorf("it takes longer than %s to read: divide it", pdfTime)
	case err != nil && errors.As(err, &exit) && exit.ExitCode() == exitBadInput:
		return nil, badinput.Errorf("%s", strings.TrimPrefix(oneLine(errors.New(errs.text.String())), "atelier: "))
	case err != nil || said.full || errs.full:
		return nil, badinput.Errorf("it cannot be read: its reader failed; save it as text")
	}
	var pages []app.PDFPage
	for in := json.NewDecoder(&said.text); ; {
		var p app.PDFPage
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return pages, nil
		} else if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
}

// counting runs a process that writes a line for each page, and reports how many there are meanwhile.
func counting(counted app.PagesCounted, said *bounded, run func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- run() }()
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
			counted(int(said.lines.Load()))
		}
	}
}

// bounded keeps what a process says, and stops it where that is too much.
type bounded struct {
	text  bytes.Buffer
	lines atomic.Int64
	most  int
	full  bool
	stop  func()
}

// Write implements [io.Writer].
func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > b.most {
		b.full = true
		b.stop()
		return 0, io.ErrShortWrite
	}
	b.lines.Add(int64(bytes.Count(p, []byte("\n"))))
	return b.text.Write(p)
}
