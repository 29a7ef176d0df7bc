package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func init() { addData("memory", collectMemory) }

const (
	mostMemory    = 600 // MiB
	documentWords = 160
)

// collectMemory makes versions of ever more texts, each in its own process, and reports their peak
// memory.
func collectMemory(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	return inFolder(func(dir string) error {
		for _, whole := range []int{25_000, 100_000, 400_000} {
			n := part.of(whole)
			file := filepath.Join(dir, fmt.Sprintf("%d.jsonl", n))
			size, err := writeDocuments(file, n)
			if err != nil {
				return err
			}
			began := time.Now()
			cmd := on.Program(ctx, "data", "add", "texts", file, "--home", filepath.Join(dir, fmt.Sprint(n)))
			var said strings.Builder
			cmd.Stderr = &said
			if err := cmd.Start(); err != nil {
				return err
			}
			peak := watch(cmd.Process.Pid)
			if err := cmd.Wait(); err != nil {
				return &ChildError{Command: cmd.Args, How: err, Said: said.String()}
			}
			took := time.Since(began).Seconds()
			mib := peak()
			name := fmt.Sprintf("memory for %d texts, %d MB in %.0f s", n, size/1e6, took)
			emit(Row{Name: name, Value: mib, Unit: "MiB at most", Bar: fmt.Sprintf("<= %d", mostMemory), Holds: mib <= mostMemory, N: n})
			if err := os.RemoveAll(filepath.Join(dir, fmt.Sprint(n))); err != nil {
				return err
			}
		}
		return nil
	})
}

// watchEvery is the interval at which the memory of a process is sampled.
const watchEvery = 2 * time.Millisecond

// watch samples the memory of a process until it ends, and returns the peak.
func watch(pid int) (peak func() float64) {
	most := make(chan float64)
	go func() {
		highest := 0.0
		for {
			mib, ok := peakMemory(pid)
			if !ok {
				break
			}
			highest = max(highest, mib)
			time.Sleep(watchEvery)
		}
		most <- highest
	}()
	return func() float64 { return <-most }
}

// writeDocuments writes JSON lines with texts of random words.
func writeDocuments(file string, n int) (size int64, err error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	rng := rand.New(rand.NewPCG(3, 5))
	words := vocabulary(rng, 20_000)
	for range n {
		text := make([]string, documentWords)
		for i := range text {
			text[i] = words[int(float64(len(words))*rng.Float64()*rng.Float64())]
			if i%12 == 11 {
				text[i] += "."
			}
		}
		line, err := json.Marshal(map[string]string{"text": strings.Join(text, " ")})
		if err != nil {
			return 0, err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return 0, err
		}
		size += int64(len(line)) + 1
	}
	return size, w.Flush()
}

// vocabulary generates words.
func vocabulary(rng *rand.Rand, n int) []string {
	syllables := strings.Fields("ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu")
	words := make([]string, n)
	for i := range words {
		var b strings.Builder
		for range 1 + rng.IntN(4) {
			b.WriteString(syllables[rng.IntN(len(syllables))])
		}
		words[i] = b.String()
	}
	return words
}
