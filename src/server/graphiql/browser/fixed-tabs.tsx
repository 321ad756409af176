import type { ComponentProps, ReactNode } from 'react';

/**
 * In place of framer-motion, which GraphiQL uses to drag tabs: it is a quarter of what loads before
 * Run appears, and moves tabs away below a click whenever their list changes its size.
 */
export const Reorder = { Group, Item };

type ListProps = ComponentProps<'ul'> & Partial<Record<'values' | 'onReorder' | 'axis', unknown>>;

function Group({ values, onReorder, axis, ...list }: ListProps): ReactNode {
  return <ul {...list} />;
}

type ItemProps = Omit<ComponentProps<'li'>, 'value'> &
  Partial<Record<'value' | 'dragConstraints' | 'dragElastic', unknown>>;

function Item({ value, dragConstraints, dragElastic, ...item }: ItemProps): ReactNode {
  return <li {...item} />;
}
