// One block of an answer, which is drawn again only if it changed.
import { Component, type VNode } from "preact";
import type { Block } from "./answer-blocks";
import { BlockList } from "./BlockList";

interface Props {
  block: Block;
}

export class BlockView extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.block !== this.props.block;
  }

  override render({ block }: Props): VNode {
    return <BlockList tokens={[block.token]} isOpen={block.isOpen} linkCount={block.linkCount} />;
  }
}
