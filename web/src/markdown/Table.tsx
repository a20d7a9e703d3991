// A table, which scrolls in a box of its own if it is wider than the page.
import { useContext } from "preact/hooks";
import type { Tokens } from "marked";
import { Inline } from "./Inline";
import { lexInline, noLinks } from "./lexer";
import { plainText } from "./plain-text";
import { MarkdownContext } from "./settings";

interface Props {
  token: Tokens.Table;
  linkCount: number;
}

/** What of the columns names a table. */
const MOST_COLUMNS = 6;
const LONGEST_COLUMN = 40;

function alignment(cell: Tokens.TableCell): string | undefined {
  return cell.align ? `md-${cell.align}` : undefined;
}

/** Names the table by its columns, which tells it from others. */
function columnsOf(token: Tokens.Table): string {
  return token.header
    .slice(0, MOST_COLUMNS)
    .map((cell) => plainText(lexInline(cell.text.slice(0, LONGEST_COLUMN), noLinks())))
    .join(", ");
}

export function Table({ token, linkCount }: Props) {
  const { words } = useContext(MarkdownContext);
  return (
    <div class="md-table" role="group" aria-label={words.table(columnsOf(token))} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {token.header.map((cell, column) => (
              <th key={column} scope="col" dir="auto" class={alignment(cell)}>
                <Inline text={cell.text} linkCount={linkCount} />
              </th>
            ))}
          </tr>
        </thead>
        {token.rows.length > 0 && (
          <tbody>
            {token.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column} dir="auto" class={alignment(cell)}>
                    <Inline text={cell.text} linkCount={linkCount} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        )}
      </table>
    </div>
  );
}
