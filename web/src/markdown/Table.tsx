// A table, which scrolls in a box of its own if it is wider than the page.
import { useContext } from "preact/hooks";
import type { Tokens } from "marked";
import { Inline } from "./Inline";
import { MarkdownContext } from "./settings";

interface Props {
  token: Tokens.Table;
  linkCount: number;
}

function alignment(cell: Tokens.TableCell): string | undefined {
  return cell.align ? `md-${cell.align}` : undefined;
}

export function Table({ token, linkCount }: Props) {
  const { words } = useContext(MarkdownContext);
  return (
    <div class="md-table" role="region" aria-label={words.table} tabIndex={0}>
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
