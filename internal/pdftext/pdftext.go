// Package pdftext reads the text of PDF files with PDFium, compiled to WebAssembly: what a
// hostile file can reach is the memory of the machine that it runs in, which is bounded. That
// machine takes some hundred megabytes while it is compiled; a process that reads PDF files should end
// soon.
package pdftext

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	pdfium "github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"atelier/internal/badinput"
)

const (
	mostMemory = 384 << 20 // bytes of the machine
	memoryPage = 64 << 10
	mostPages  = 20_000
	starting   = 2 * time.Minute

	compiling = 300 << 20 // bytes of our own that are aimed at
	workers   = 2         // that compile: each holds some 40 MB
)

// Pages reads the pages of a PDF file and hands on the text of each, with line ends as in the file.
// A page that cannot be read is handed on with why. The compiled machine is kept in the folder
// cache, if there is one: it starts in a tenth of a second then instead of in several. What is no
// PDF file is an error of [badinput].
func Pages(ctx context.Context, pdf []byte, cache string, page func(text string, why error) error) error {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(compiling))
	ctx = experimental.WithCompilationWorkers(ctx, min(workers, runtime.GOMAXPROCS(0)))
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(mostMemory / memoryPage).WithCloseOnContextDone(true).
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)
	if kept, err := keptIn(cache); err == nil && kept != nil {
		defer kept.Close(ctx)
		config = config.WithCompilationCache(kept)
	}
	pool, err := webassembly.Init(webassembly.Config{Context: ctx, MinIdle: 1, MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config})
	if err != nil {
		return fmt.Errorf("the reader of PDF files cannot be started: %w", err)
	}
	defer pool.Close()
	reader, err := pool.GetInstance(starting)
	if err != nil {
		return fmt.Errorf("the reader of PDF files cannot be started: %w", err)
	}
	return pages(ctx, reader, pdf, page)
}

// keptIn is the cache in a folder, nil for none.
func keptIn(folder string) (wazero.CompilationCache, error) {
	if folder == "" {
		return nil, nil
	}
	return wazero.NewCompilationCacheWithDir(folder)
}

// pages hands on the pages of a file.
func pages(ctx context.Context, reader pdfium.Pdfium, pdf []byte, page func(string, error) error) error {
	d, err := reader.OpenDocument(&requests.OpenDocument{File: &pdf})
	switch {
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return badinput.Errorf("it is encrypted: save it without a password")
	case err != nil:
		return badinput.Errorf("it is damaged or cut short")
	}
	count, err := reader.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.Document})
	if err != nil {
		return badinput.Errorf("it is damaged: its pages cannot be counted")
	}
	if count.PageCount > mostPages {
		return badinput.Errorf("it has %d pages; at most %d are read: divide it", count.PageCount, mostPages)
	}
	for i := range count.PageCount {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text, err := textOf(reader, d.Document, i)
		if err := page(text, err); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// textOf is the text of a page.
func textOf(reader pdfium.Pdfium, d references.FPDF_DOCUMENT, i int) (string, error) {
	got, err := reader.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: d, Index: i}}})
	if err != nil {
		return "", badinput.Errorf("page %d cannot be read", i+1)
	}
	return got.Text, nil
}
