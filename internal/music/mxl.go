package music

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// isMXL tells compressed MusicXML by the name of its list of contents.
func isMXL(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head, []byte(mxlContainer))
}

// unpacked is the score in a compressed file: the one that its list of contents names first,
// or else the first there is.
func unpacked(file []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("is compressed MusicXML that is damaged: %w", err)
	}
	read := func(f *zip.File) ([]byte, error) {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("is compressed MusicXML that is damaged: %w", err)
		}
		defer r.Close()
		b, err := io.ReadAll(io.LimitReader(r, mostUnpacked+1))
		switch {
		case err != nil:
			return nil, fmt.Errorf("is compressed MusicXML that is damaged: %w", err)
		case len(b) > mostUnpacked:
			return nil, fmt.Errorf("unpacks to more than %d bytes", mostUnpacked)
		}
		return b, nil
	}
	var list struct {
		Roots []struct {
			Path string `xml:"full-path,attr"`
		} `xml:"rootfiles>rootfile"`
	}
	if i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == mxlContainer }); i >= 0 {
		b, err := read(z.File[i])
		if err != nil {
			return nil, err
		}
		if err := xml.Unmarshal(b, &list); err != nil {
			return nil, fmt.Errorf("is compressed MusicXML whose list of contents is damaged: %w", err)
		}
	}
	for _, f := range z.File {
		named := len(list.Roots) > 0 && f.Name == list.Roots[0].Path
		lower := strings.ToLower(f.Name)
		first := len(list.Roots) == 0 && !strings.HasPrefix(f.Name, "META-INF/") && (strings.HasSuffix(lower, ".xml") || strings.HasSuffix(lower, ".musicxml"))
		if named || first {
			return read(f)
		}
	}
	return nil, errors.New("is compressed MusicXML without a score in it")
}

// The files of compressed MusicXML, in their order.
const (
	mxlScore = "score.musicxml"
	mxlList  = xml.Header + `<container><rootfiles><rootfile full-path="` + mxlScore + `" media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>` + "\n"
)

// packed is a score as compressed MusicXML. The files in it have no date.
func packed(score []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range []struct {
		name string
		body []byte
	}{{mxlContainer, []byte(mxlList)}, {mxlScore, score}} {
		w, err := z.Create(f.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
