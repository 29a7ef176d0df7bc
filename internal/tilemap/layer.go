package tilemap

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// numbers are the tiles' numbers of a layer, of which there are to be n.
func (l *layerElement) numbers(n int) (all []uint32, err error) {
	d := &l.Data
	switch d.Encoding {
	case "csv":
		for i, word := range strings.Split(d.Text, ",") {
			if i >= n {
				return nil, fmt.Errorf("it has more than %d cells", n)
			}
			number, err := strconv.ParseUint(strings.TrimSpace(word), 10, 32)
			if err != nil {
				return nil, fmt.Errorf("cell %d is %q; want the number of a tile", i+1, strings.TrimSpace(word))
			}
			all = append(all, uint32(number))
		}
	case "base64":
		all, err = packedNumbers(strings.TrimSpace(d.Text), d.Compression, n)
	case "":
		for _, t := range d.Tiles {
			all = append(all, t.GID)
		}
	default:
		err = fmt.Errorf("it is encoded as %q; want csv or base64", d.Encoding)
	}
	if err == nil && len(all) != n {
		err = fmt.Errorf("it has %d cells; want %d", len(all), n)
	}
	return all, err
}

// packedNumbers unpacks n numbers of 32 bits, least byte first.
func packedNumbers(text, compression string, n int) ([]uint32, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("its cells are no base64")
	}
	var from io.Reader = bytes.NewReader(packed)
	switch compression {
	case "":
	case "gzip":
		from, err = gzip.NewReader(from)
	case "zlib":
		from, err = zlib.NewReader(from)
	default:
		return nil, fmt.Errorf("its cells are compressed by %s; want gzip, zlib or none", compression)
	}
	if err != nil {
		return nil, fmt.Errorf("its cells cannot be unpacked: %w", err)
	}
	unpacked, err := io.ReadAll(io.LimitReader(from, int64(4*n+1)))
	if err != nil || len(unpacked) != 4*n {
		return nil, fmt.Errorf("its cells have %d bytes or more; want %d", len(unpacked), 4*n)
	}
	all := make([]uint32, n)
	for i := range all {
		all[i] = binary.LittleEndian.Uint32(unpacked[4*i:])
	}
	return all, nil
}
