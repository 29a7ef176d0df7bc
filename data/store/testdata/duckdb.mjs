// Prints what DuckDB reads in Parquet files, an object a row; bytes are in hex.
// Run: node duckdb.mjs FOLDER-WITH-node_modules FILES...
import { createRequire } from 'node:module';

const [packages, ...files] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(packages + '/')('@duckdb/node-api');
const db = await (await DuckDBInstance.create(':memory:')).connect();
for (const file of files) {
  const columns = (await db.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${file}')`)).getRowsJson().map((r) => r[0]);
  const bytes = [
    columns.includes('image') && 'hex(image.bytes) AS image, image.path AS image_path',
    columns.includes('file') && 'hex(file.bytes) AS file, file.path AS file_path',
    columns.includes('text') && 'hex(encode("text")) AS "text"',
  ].filter(Boolean);
  const rows = await db.runAndReadAll(`SELECT ${bytes.join(', ')}, label, caption, "group", name, media_type, sha256,
    licence, creator, attribution, place, epoch_us(collected)::VARCHAR AS collected, changes FROM read_parquet('${file}')`);
  for (const row of rows.getRowObjectsJson()) console.log(JSON.stringify(row));
}
